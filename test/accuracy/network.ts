import { simulate } from '../../simulator/simulate.ts';
import { elaborate } from './elaborate.ts';
import { gpuOf, hostOf, linkOf, machineText, nicOf, type Prediction } from './machines.ts';
import { aggregate } from './peers.ts';
import { bytesIn, type Row } from './row.ts';

/** What a NIC moves between its line and host memory, or the memory of a GPU below the same switch. */
export async function predictNetwork(row: Row): Promise<Prediction> {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const nic = nicOf(row, 'nic0');
  if (nic === null) return { unknown: 'the row names neither the NIC nor its line rate' };
  const toGpu = /GPU|GDR/.test(text);
  const link = linkOf(row, 'gen5 x16');
  const ports = toGpu
    ? [
        `root-port rp0 ${link} {`,
        `switch sw0 {\nlink ${link}\nacs off`,
        `port p0 ${link} {`,
        nic,
        '}',
        `port p1 ${link} {`,
        gpuOf(row, 'gpu0'),
        '}',
        '}',
        '}',
      ]
    : [`root-port rp0 ${link} {`, nic, '}'];
  const end = toGpu ? 'gpu0' : 'cpu0';
  const size = `${Math.max(bytesIn(row.payload) ?? 0, 64 * 2 ** 20)} B`;
  const sends = /\bsend|\btx\b|transmit/i.test(text);
  const [from, to] = sends ? [end, 'nic0'] : ['nic0', end];
  const work = ['scenario s {', `transfer from ${from} to ${to} by nic0 {`, `size ${size}`, '}', '}'];
  const host = hostOf(row);
  const machine = await elaborate(machineText(host, ports, { work }));
  const [run] = simulate(machine.machine, machine.work).runs;
  return run === undefined ? { unknown: 'no run' } : { predicted: aggregate(run), profile: host.name };
}
