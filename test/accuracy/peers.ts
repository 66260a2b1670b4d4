import { describePath } from '../../simulator/path.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { RunResult } from '../../simulator/simulate.types.ts';
import { elaborate, endOf } from './elaborate.ts';
import { hostOf, type Prediction } from './machines.ts';
import { crosses, isNested, isOtherSocket, rigText, viaOf } from './rig.ts';
import { bytesIn, type Row } from './row.ts';

/** One copy between two GPUs by number. */
type Flow = readonly [number, number];

/** Copies between GPUs: below one switch, across switches, several at a time. `conditions`: of the whole rig. */
export async function predictPeers(row: Row, conditions: string): Promise<Prediction> {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const host = hostOf(row, conditions);
  const flows = flowsOf(text);
  const used = new Set([0, crosses(text) ? 4 : 1, ...flows.flat()]);
  const machine = await elaborate(rigText(row, conditions, host, { used, lines: transfersOf(row, text, flows) }));
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

/** The copies of a row as the text writes them. */
function transfersOf(row: Row, text: string, flows: readonly Flow[]): string[] {
  const size = `${bytesIn(row.payload) ?? 256 * 2 ** 20} B`;
  const operation = /\bread/i.test(row.metric) ? ['operation read'] : [];
  const via = viaOf(text) === 'host' ? ['via host'] : [];
  return flows.flatMap(([from, to]) => {
    const by = operation.length > 0 ? ` by gpu${to}` : '';
    return [`transfer from gpu${from} to gpu${to}${by} {`, `size ${size}`, ...operation, ...via, '}'];
  });
}

/** How many GPUs a row is about; 1 where it does not say. */
const gpusOf = (text: string) => Math.min(8, Number(/(\d+)[ -]?x? ?GPUs?\b/i.exec(text)?.[1] ?? 1));

/** Copies between host memory and several GPUs at once. */
export async function predictSeveral(row: Row, conditions: string): Promise<Prediction> {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const host = hostOf(row, conditions);
  const gpus = Array.from({ length: gpusOf(`${row.scenario}; ${row.metric}`) }, (_, index) => index);
  const size = `${bytesIn(row.payload) ?? 256 * 2 ** 20} B`;
  const inwards = !/D2H|to host|->host/i.test(text);
  const lines = (remote: boolean) =>
    gpus.flatMap((gpu) => {
      const memory = remote && gpu > 3 ? 'cpu1' : 'cpu0';
      const [from, to] = inwards ? [memory, `gpu${gpu}`] : [`gpu${gpu}`, memory];
      return [`transfer from ${from} to ${to} by gpu${gpu} {`, `size ${size}`, '}'];
    });
  const used = new Set(gpus);
  // Two sockets where the row says so: each GPU copies from its own.
  const two = isOtherSocket(text, `${text} ${conditions}`);
  const machine = await elaborate(rigText(row, conditions, host, { used, lines: lines(two) }));
  const [run] = simulate(machine.machine, machine.work).runs;
  return run === undefined ? { unknown: 'no run' } : { predicted: aggregate(run), profile: host.name };
}

const operations = ['all-gather', 'reduce-scatter', 'broadcast', 'all-to-all'];

/** What nccl-tests calls bus bandwidth. */
export async function predictCollective(row: Row, conditions: string): Promise<Prediction> {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const host = hostOf(row, conditions);
  const count = gpusOf(`${text}; ${conditions}`);
  if (count < 2) return { unknown: 'how many GPUs take part is not said' };
  const gpus = Array.from({ length: count }, (_, index) => index);
  const named = operations.find((one) => new RegExp(one.replaceAll('-', '.?'), 'i').test(row.scenario));
  const via = /P2P_DISABLE=1|SHM/i.test(text) ? ['via host'] : /P2P_LEVEL=SYS/i.test(text) ? ['via p2p'] : [];
  const lines = [
    `collective c over ${gpus.map((gpu) => `gpu${gpu}`).join(' ')} {`,
    `operation ${named ?? 'all-reduce'}`,
    `size ${bytesIn(row.payload) ?? 2 ** 30} B`,
    ...via,
    '}',
  ];
  const machine = await elaborate(rigText(row, conditions, host, { used: new Set(gpus), lines }));
  const [run] = simulate(machine.machine, machine.work).runs;
  const predicted = run?.activities?.find(({ name }) => name === 'c')?.busBytesPerSecond;
  return predicted === undefined ? { unknown: 'no run of a collective' } : { predicted, profile: host.name };
}
