import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatRate, formatSeconds } from '../../model/quantity.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { RunResult } from '../../simulator/simulate.types.ts';
import { elaborate } from '../accuracy/elaborate.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(resolve(root, 'docs/lecture.md'), 'utf8');

/** The runs of an example by their names. */
async function runs(file: string): Promise<(name: string) => RunResult> {
  const text = readFileSync(resolve(root, 'examples/lecture', `${file}.pcie`), 'utf8');
  const { machine, work } = await elaborate(text);
  const result = simulate(machine, work);
  return (name) => {
    const run = result.runs.find((one) => one.name === name);
    if (run === undefined) throw new Error(`${file} has no run ${name}`);
    return run;
  };
}

const transfer = (run: RunResult) =>
  run.transfers[0] ?? { startSeconds: 0, endSeconds: 0, bytesPerSecond: 0, bytes: 0 };
const seconds = (run: RunResult) => formatSeconds(transfer(run).endSeconds - transfer(run).startSeconds);
const rate = (run: RunResult) => formatRate(transfer(run).bytesPerSecond);
const together = (run: RunResult) =>
  formatRate(run.transfers.reduce((sum, { bytes }) => sum + bytes, 0) / run.makespanSeconds);
const latency = (run: RunResult) =>
  formatSeconds(run.jobs?.[0]?.latency.mean ?? run.activities?.[0]?.latencySeconds ?? 0);
const core = (run: RunResult) => formatSeconds(run.jobs?.[0]?.cpuSecondsPerOperation ?? 0);
/** Bytes that memory reads and writes for a byte of the copy. */
const traffic = (run: RunResult) => {
  const bytes = run.resources.filter(({ kind }) => kind === 'memory').reduce((sum, one) => sum + one.bytes, 0);
  return `${Math.round(bytes / transfer(run).bytes)}`;
};

/** The cells of the row of a table that begins with a name. */
function row(name: string): string[] {
  const line = page.split('\n').find((one) => one.startsWith(`| ${name} |`));
  if (line === undefined) throw new Error(`the page has no row ${name}`);
  return line.split('|').map((cell) => cell.trim());
}

/** `0.352 us` for `352 ns`: a table compares within one unit. */
const inMicroseconds = (text: string) => (text.endsWith(' ns') ? `${Number(text.slice(0, -3)) / 1000} us` : text);

describe('the tables of docs/lecture.md say what the examples do', async () => {
  const generations = await runs('02-generations');
  const summary = await runs('28-summary');
  const copies = await runs('17-copy-life');
  const fpga = await runs('24-fpga-xdma');
  const storage = await runs('15-gpudirect-storage');
  const peers = await runs('09-peer-or-memory');
  const [fpgaCall] = fpga('call').activities ?? [];
  const number = (text: string) => text.replace(/ GB\/s$/, '');

  it.each<[string, number, readonly string[]]>([
    ['Gen3', 4, [rate(generations('old'))]],
    ['Gen4', 4, [rate(generations('mid'))]],
    ['Gen5', 4, [rate(generations('new'))]],
    ['GPU, latency', 3, [seconds(summary('gpu-dma'))]],
    ['GPU, latency', 5, [formatSeconds(copies('small').makespanSeconds)]],
    ['GPU, bandwidth', 3, [rate(summary('gpu-in')), number(together(summary('gpu-both')))]],
    ['NVMe, latency', 3, [latency(summary('nvme-read'))]],
    ['NVMe, bandwidth', 3, [rate(summary('nvme-stream'))]],
    [
      'FPGA, latency',
      3,
      [inMicroseconds(seconds(summary('fpga-dma'))), formatSeconds((fpgaCall?.latencySeconds ?? 0) / 4)],
    ],
    ['FPGA, bandwidth', 3, [rate(fpga('gen3-x8')), number(rate(fpga('gen4-x8')))]],
    ['NIC, latency', 3, [latency(summary('nic-write'))]],
    ['NIC, bandwidth', 3, [rate(summary('nic-stream'))]],
    ['P2P to NVMe, latency', 3, [latency(summary('peer-read'))]],
    [
      'P2P to NVMe, bandwidth',
      3,
      [rate(summary('peer-stream')), formatRate(storage('straight').jobs?.[0]?.bytesPerSecond ?? 0)],
    ],
    ['Through memory, latency', 3, [latency(summary('staged-read'))]],
    ['Latency', 4, [latency(summary('staged-read'))]],
    ['Latency', 5, [latency(summary('peer-read'))]],
    ['Memory traffic, bytes for a byte', 4, [traffic(peers('drive-staged'))]],
    ['Memory traffic, bytes for a byte', 5, [traffic(peers('drive-peer'))]],
    ['Time of a core for a read', 4, [core(summary('staged-read'))]],
    ['Time of a core for a read', 5, [core(summary('peer-read'))]],
    ['Bandwidth of one drive', 4, [rate(peers('drive-staged'))]],
    ['Bandwidth of one drive', 5, [rate(peers('drive-peer'))]],
  ])('%s, column %i', (name, column, said) => {
    const cell = row(name)[column] ?? '';
    expect(said.filter((text) => !cell.includes(text)).map((text) => `${text} is not in "${cell}"`)).toEqual([]);
  });
});
