import { describePath } from '../../simulator/path.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { RunResult } from '../../simulator/simulate.types.ts';
import { elaborate, endOf } from './elaborate.ts';
import { gpuOf, type Host, hostOf, machineText, type Prediction, partOf } from './machines.ts';
import { bytesIn, type Row } from './row.ts';

/** One copy between two GPUs by number. */
type Flow = readonly [number, number];

/** Copies between GPUs: below one switch, across switches, several at a time. `conditions`: of the whole rig. */
export async function predictPeers(row: Row, conditions: string): Promise<Prediction> {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const host = hostOf(row, conditions);
  const flows = flowsOf(text);
  const machine = await elaborate(rigText(row, text, conditions, host, flows));
  const profile = host.name;
  if (/^[num]s$/.test(row.unit)) {
    const [from, to] = [
      endOf(machine, 'gpu0'),
      endOf(machine, crosses(text) ? 'gpu4' : isNested(text) ? 'gpu2' : 'gpu1'),
    ];
    return { predicted: describePath(machine.machine, from, to, { via: viaOf(text) }).latencySeconds, profile };
  }
  const { runs } = simulate(machine.machine, machine.work);
  const [run] = runs;
  if (run === undefined || run.transfers.some(({ bytesPerSecond }) => bytesPerSecond === 0)) {
    return { unknown: 'no way between the two' };
  }
  const whole = aggregate(run);
  return { predicted: /per.direction|each way/i.test(text) ? whole / 2 : whole, profile };
}

/** Bytes of all flows over the time of the longest. */
export function aggregate(run: RunResult): number {
  return run.transfers.reduce((sum, { bytes }) => sum + bytes, 0) / run.makespanSeconds;
}

/** Through host memory where a row says that the peers do not reach each other. */
const viaOf = (text: string) =>
  /P2P (off|disabled)|no P2P|without P2P|not supported|staged|P2P=?0|via host/i.test(text) ? 'host' : 'auto';

/** Between two switches or sockets; a switch above both of them is no crossing. */
const crosses = (text: string) =>
  /cross|other socket|2 uplinks|\bSYS\b|\bNODE\b|\bPHB\b|remote/i.test(text) && !isNested(text);

const isNested = (text: string) => /\bPXB\b|cross.leaf/i.test(text) && !/\bNODE\b|\bSYS\b|cross.root/i.test(text);

/** Whether what crosses goes to another socket: where the rig has two, and nothing says that it stays within one. */
function isOtherSocket(text: string, conditions: string): boolean {
  if (/\bNODE\b|\bPHB\b|same (NUMA|socket)|one socket|single.(socket|CPU)/i.test(text)) return false;
  if (/other socket|cross.(NUMA|socket)|\bSYS\b|remote|xGMI|\bUPI\b|\bQPI\b/i.test(text)) return true;
  return !/Threadripper|WRX|TRX|Ryzen|\bCore i\d/i.test(conditions);
}

function flowsOf(text: string): Flow[] {
  const named = [...text.matchAll(/GPU(\d+)\s*->\s*(?:GPU)?(\d+)/g)].map(
    (found): Flow => [Number(found[1]), Number(found[2])],
  );
  const count = Number(/(\d+) flows/.exec(text)?.[1] ?? 0);
  if (/all.to.all/i.test(text)) {
    const all = Array.from({ length: Math.min(8, Number(/(\d+)[ -]GPU/i.exec(text)?.[1] ?? 4)) }, (_, index) => index);
    return all.flatMap((from) => all.filter((to) => to !== from).map((to): Flow => [from, to]));
  }
  if (/both pairs|bidir pairs/i.test(text))
    return bothWays([
      [0, 1],
      [2, 3],
    ]);
  const fromOne = /all from GPU(\d+)/.exec(text);
  if (fromOne !== null) {
    const from = Number(fromOne[1]);
    return [0, 1, 2, 3, 4]
      .filter((to) => to !== from)
      .slice(0, count)
      .map((to): Flow => [from, to]);
  }
  const flows: Flow[] = named.length > 0 ? named : [[0, crosses(text) ? 4 : isNested(text) ? 2 : 1]];
  return /bidir|both ways|under bidir/i.test(text) ? bothWays(flows) : flows;
}

const bothWays = (flows: readonly Flow[]): Flow[] =>
  flows.flatMap(([a, b]): Flow[] => [
    [a, b],
    [b, a],
  ]);

/** A GPU whose driver lets peers in, where a row measured that it did. */
function peerGpu(text: string, direct: boolean): string {
  if (!direct) return text;
  return text.endsWith('}') ? `${text.slice(0, -1)}peer-to-peer on\n}` : `${text} {\npeer-to-peer on\n}`;
}

/** The switch that a row names, as the text writes it; nothing where the catalogue has no such series. */
function switchPart(text: string): string {
  const series = /PEX ?890/i.test(text) ? 'pex89000-series' : /PEX ?880/i.test(text) ? 'pex88000-series' : '';
  return partOf(series) === null ? '' : ` : ${series}`;
}

function rigText(row: Row, text: string, conditions: string, host: Host, flows: readonly Flow[]): string {
  const switched = /switch|PEX|chip|PLX|PIX\b|PXB\b|VS\b|uplink/i.test(`${text} ${conditions}`);
  const generation = row.gen === '' || /degraded|forced/i.test(text) ? 'gen5' : `gen${/\d/.exec(row.gen)?.[0] ?? 5}`;
  const lanes = /^\d+$/.exec(row.lanes)?.[0] ?? '16';
  const port = `${generation} x${lanes}`;
  const direct = viaOf(text) !== 'host';
  const gpu = (index: number) =>
    peerGpu(gpuOf({ ...row, gen: generation.slice(3), lanes }, `gpu${index}`, conditions), direct);
  const slow = /(?:degraded|forced|Gen)\D*Gen(\d)/i.exec(text)?.[1];
  const forced = slow === undefined ? [] : [`forced gen${slow}`];
  const acs = /(ReqRedir|ACS).*\bON\b/.test(text) && !/on or off/i.test(text) ? 'acs SV RR CR UF' : 'acs off';
  const part = switchPart(`${text} ${conditions}`);
  const below = (name: string, gpus: readonly number[]) => [
    `root-port ${name} ${port} {`,
    ...forced,
    `switch sw_${name}${part} {`,
    `link ${port}`,
    acs,
    ...(/collapse\b/i.test(text) && !/no collapse/i.test(text) ? ['posted-write-collapse on'] : []),
    ...gpus.flatMap((index) => [`port s${index} ${port} {`, gpu(index), '}']),
    '}',
    '}',
  ];
  const nested = [
    `root-port rp0 ${port} {`,
    `switch root${part} {`,
    `link ${port}`,
    acs,
    ...[
      [0, 1],
      [2, 3],
    ].flatMap(([one = 0, two = 0], leaf) => [
      `port l${leaf} ${port} {`,
      `switch leaf${leaf}${part} {`,
      `link ${port}`,
      acs,
      ...[one, two].flatMap((index) => [`port s${index} ${port} {`, gpu(index), '}']),
      '}',
      '}',
    ]),
    '}',
    '}',
  ];
  const alone = (index: number) => [`root-port rp${index} ${port} {`, 'acs off', gpu(index), '}'];
  // Virtual switches with an uplink each where a row is about uplinks; else one switch for a whole chip.
  const split = /uplink/i.test(text) && !/same.chip/i.test(text);
  // Without a switch each GPU takes lanes of its socket: only those that the row is about.
  const used = new Set([0, crosses(text) ? 4 : 1, ...flows.flat()]);
  const lower = !switched
    ? [0, 1, 2, 3].filter((index) => used.has(index)).flatMap(alone)
    : isNested(text)
      ? nested
      : split || crosses(text)
        ? [...below('rp0', [0, 1]), ...below('rp1', [2, 3])]
        : below('rp0', [0, 1, 2, 3]);
  const upper = !switched
    ? [4, 5, 6, 7].filter((index) => used.has(index)).flatMap(alone)
    : [...below('rp2', [4, 5]), ...below('rp3', [6, 7])];
  const size = `${bytesIn(row.payload) ?? 256 * 2 ** 20} B`;
  const operation = /\bread/i.test(row.metric) ? ['operation read'] : [];
  const via = viaOf(text) === 'host' ? ['via host'] : [];
  const work = [
    'scenario s {',
    ...flows.flatMap(([from, to]) => {
      const by = operation.length > 0 ? ` by gpu${to}` : '';
      return [`transfer from gpu${from} to gpu${to}${by} {`, `size ${size}`, ...operation, ...via, '}'];
    }),
    '}',
  ];
  const two = isOtherSocket(text, `${text} ${conditions}`);
  // What was measured from peer to peer got through, whatever is known of a host that is not named.
  const hostLines = direct && host.colon === '' ? ['peer-forwarding reads writes'] : [];
  const ports = two ? { sockets: 2 as const, otherPorts: upper, hostLines } : { sockets: 1 as const, hostLines };
  return machineText(host, two ? lower : [...lower, ...upper], { ...ports, work });
}
