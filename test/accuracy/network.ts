import { simulate } from '../../simulator/simulate.ts';
import { elaborate } from './elaborate.ts';
import { gpuOf, hostOf, linkOf, machineText, nicOf, type Prediction } from './machines.ts';
import { aggregate } from './peers.ts';
import { bytesIn, type Row } from './row.ts';

/** What a NIC moves between its line and host memory, or the memory of a GPU: below one switch, or where the row says. */
export async function predictNetwork(row: Row): Promise<Prediction> {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const nic = nicOf(row, 'nic0');
  if (nic === null) return { unknown: 'the row names neither the NIC nor its line rate' };
  const toGpu = /GPU|GDR/.test(text) && !/GPU(Direct)? ?(RDMA)? ?(off|disabled)/i.test(text);
  const remote = /\bSYS\b|cross.?(socket|NUMA)|(other|remote|wrong) (socket|NUMA|node)/i.test(text);
  const apart = remote || /\b(NODE|PHB)\b|root (port|complex)/i.test(text);
  const link = linkOf(row, 'gen5 x16');
  const alone = (name: string, device: string) => [`root-port ${name} ${link} {`, 'acs off', device, '}'];
  const below = [
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
  ];
  const gpu = alone('rp1', gpuOf(row, 'gpu0'));
  const ports = toGpu && !apart ? below : [...alone('rp0', nic), ...(toGpu && !remote ? gpu : [])];
  const end = toGpu ? 'gpu0' : remote ? 'cpu1' : 'cpu0';
  const size = `${Math.max(bytesIn(row.payload) ?? 0, 64 * 2 ** 20)} B`;
  const sends = /\bsend|\btx\b|transmit/i.test(text);
  const [from, to] = sends ? [end, 'nic0'] : ['nic0', end];
  const work = ['scenario s {', `transfer from ${from} to ${to} by nic0 {`, `size ${size}`, '}', '}'];
  const host = hostOf(row);
  // What was measured between peers got through, whatever is known of a host that is not named.
  const hostLines = toGpu && host.colon === '' ? ['peer-forwarding reads writes'] : [];
  const machine = await elaborate(
    machineText(host, ports, {
      work,
      hostLines,
      ...(remote ? { sockets: 2 as const, otherPorts: toGpu ? gpu : [] } : {}),
    }),
  );
  // From one node to another there are wires and switches of a network that no machine describes.
  if (/^[num]?s$/.test(row.unit)) return { unknown: 'the time of a network, of which the machine is a part' };
  const [run] = simulate(machine.machine, machine.work).runs;
  return run === undefined ? { unknown: 'no run' } : { predicted: aggregate(run), profile: host.name };
}
