import { copyCallLatency } from '../../model/route/latency.ts';
import { doorbellStore } from '../../simulator/drivers/gpu/costs.ts';
import { describePath } from '../../simulator/path.ts';
import { simulate } from '../../simulator/simulate.ts';
import { elaborate, endOf } from './elaborate.ts';
import { gpuOf, type Host, hostOf, linkOf, machineText, type Prediction } from './machines.ts';
import { aggregate } from './peers.ts';
import { bytesIn, type Row } from './row.ts';

const remoteOf = (text: string) =>
  /remote|wrong socket|other socket|over QPI/i.test(text) && !/local\/remote/i.test(text);

/** Copies between host memory and one GPU or FPGA by its own engine. */
export async function predictCopy(row: Row): Promise<Prediction> {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  if (/call overhead|per call|submit latency/i.test(text)) {
    return { predicted: copyCallLatency.value, profile: 'copy call' };
  }
  const host = hostOf(row);
  const remote = remoteOf(text);
  const memory = remote ? 'cpu1' : 'cpu0';
  const device = /XDMA|QDMA|FPGA|Alveo|U\d{2,3}\b/i.test(text) ? 'fpga0' : 'gpu0';
  const [inwards, outwards] = [
    /H2D|H2C|host->|->GPU|->card|ingress|host to/i.test(text),
    /D2H|C2H|->host|GPU->|card->|egress|to host/i.test(text),
  ];
  const both = /bidir|both ways|both directions/i.test(text);
  // Queues keep a card busy with requests of one size; a copy of a GPU is one call.
  const queued = device === 'fpga0' && (bytesIn(row.payload) ?? 0) > 0 && !/^[num]?s$/.test(row.unit);
  const size = queued ? 256 * 2 ** 20 : (bytesIn(row.payload) ?? 256 * 2 ** 20);
  const pageable = device === 'gpu0' && /pageable|unpinned|non-pinned/i.test(text);
  // A kernel that copies loads and stores 128 B at a time.
  const lines = [
    `size ${size} B`,
    ...(queued ? [`block ${bytesIn(row.payload)} B`] : []),
    ...(/\bSM\b|kernel copy/.test(text) ? ['block 128 B'] : []),
  ];
  const transfer = (from: string, to: string) => [`transfer from ${from} to ${to} by ${device} {`, ...lines, '}'];
  const staged = ['process p on gpu0 {', 'stream s {', `copy ${outwards ? 'd2h' : 'h2d'} ${size} B pageable`, '}', '}'];
  const work = [
    'scenario s {',
    ...(pageable ? staged : []),
    ...(!pageable && (both || inwards || !outwards) ? transfer(memory, device) : []),
    ...(!pageable && (both || (outwards && !inwards)) ? transfer(device, memory) : []),
    '}',
  ];
  const link = linkOf(row);
  const port = [
    `root-port rp0 ${link} {`,
    device === 'gpu0' ? gpuOf(row, device) : `fpga ${device} {\nlink ${link}\n}`,
    '}',
  ];
  const machine = await elaborate(machineText(host, port, { sockets: remote ? 2 : 1, work }));
  const [run] = simulate(machine.machine, machine.work).runs;
  if (run === undefined) return { unknown: 'no run' };
  if (/^[num]?s$/.test(row.unit)) return { predicted: run.makespanSeconds, profile: host.name };
  const whole = pageable ? size / run.makespanSeconds : aggregate(run);
  return { predicted: both && /per.direction|each way/i.test(text) ? whole / 2 : whole, profile: host.name };
}

/** Calls of the XDMA driver through its character device, one after the other: a pipeline of one stage. */
export async function predictCalls(row: Row): Promise<Prediction> {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const bytes = bytesIn(row.payload) ?? 256 * 2 ** 20;
  const outwards = /card->host|C2H/i.test(text);
  const [from, to] = outwards ? ['fpga0', 'cpu0'] : ['cpu0', 'fpga0'];
  const link = linkOf(row);
  const port = [`root-port rp0 ${link} {`, `fpga fpga0 {\nlink ${link}\nxdma h2c 1 c2h 1\n}`, '}'];
  const work = ['scenario s {', 'pipeline p {', `stage a from ${from} to ${to} { size ${bytes} B }`, '}', '}'];
  const machine = await elaborate(machineText(hostOf(row), port, { work }));
  const [run] = simulate(machine.machine, machine.work).runs;
  return run === undefined ? { unknown: 'no run' } : { predicted: bytes / run.makespanSeconds, profile: 'XDMA' };
}

/** Loads and stores of a core over a BAR; a register read through a switch. */
export async function predictAccess(row: Row): Promise<Prediction> {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const host = hostOf(row);
  const remote = remoteOf(text);
  const switched = /switch/i.test(row.scenario);
  const machine = await elaborate(accessText(row, host, remote, switched));
  const cpu = endOf(machine, remote ? 'cpu1' : 'cpu0');
  const device = endOf(machine, switched ? 'dev0' : 'gpu0');
  const bytes = bytesIn(row.payload) ?? 64;
  const initiator = cpu.component;
  const { profile } = { profile: host.name };
  if (/load|read/i.test(row.scenario)) {
    const path = describePath(machine.machine, device, cpu, {
      initiator,
      operation: 'read',
      blockBytes: Math.min(64, bytes),
    });
    const seconds = path.latencySeconds + Math.max(0, bytes - 64) / path.bytesPerSecond;
    return { predicted: /bandwidth/i.test(row.metric) ? bytes / seconds : seconds, profile };
  }
  const path = describePath(machine.machine, cpu, device, { initiator, operation: 'write', blockBytes: 64 });
  const seconds = doorbellStore.value + Math.max(0, bytes - 64) / path.bytesPerSecond;
  return { predicted: /bandwidth/i.test(row.metric) ? bytes / seconds : seconds, profile };
}

function accessText(row: Row, host: Host, remote: boolean, switched: boolean): string {
  const link = linkOf(row, 'gen3 x16');
  const port = switched
    ? [
        `root-port rp0 ${link} {`,
        `switch sw0 {\nlink ${link}`,
        `port p0 ${link} { device dev0 {\nlink ${link}\n} }`,
        '}',
        '}',
      ]
    : [`root-port rp0 ${link} {`, gpuOf(row, 'gpu0'), '}'];
  return machineText(host, port, { sockets: remote ? 2 : 1 });
}
