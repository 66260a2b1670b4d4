import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EmptyFileSystem, URI } from 'langium';
import { describe, expect, test } from 'vitest';
import { createPcieServices } from '../../../language/module.ts';
import type { RunExplanation, Series } from '../../../simulator/explain/explain.types.ts';
import { integralOf, sumOf } from '../../../simulator/explain/series.ts';
import { simulate } from '../../../simulator/simulate.ts';
import type { Fidelity, RunResult } from '../../../simulator/simulate.types.ts';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const files = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.pcie'));

async function explained(file: string, fidelity: Fidelity): Promise<(readonly [RunResult, RunExplanation])[]> {
  const { shared, pcie } = createPcieServices(EmptyFileSystem);
  await shared.workspace.WorkspaceManager.initializeWorkspace([]);
  const text = readFileSync(`${examples}${file}`, 'utf8');
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse('file:///work/example.pcie'));
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document]);
  return pcie.Elaborations.get(document).machines.flatMap(({ machine, work }) => {
    const explanations: RunExplanation[] = [];
    const { runs } = simulate(machine, work, { fidelity, explain: (one) => explanations.push(one) });
    expect(explanations).toHaveLength(runs.length);
    return runs.flatMap((run, index) => {
      const explanation = explanations[index];
      return explanation === undefined ? [] : [[run, explanation] as const];
    });
  });
}

function expectSound({ times, values }: Series, end: number): void {
  expect(times.length).toBe(values.length === 0 ? 0 : values.length + 1);
  for (let index = 1; index < times.length; index++) {
    expect(times[index]).toBeGreaterThanOrEqual(times[index - 1] ?? 0);
  }
  expect(times.at(-1) ?? 0).toBeLessThanOrEqual(end * (1 + 1e-6));
}

describe.each(files)('%s', (file) => {
  test('latencies add up to the first byte, limits to the whole, tracks to the use of links', async () => {
    for (const [run, { transfers, use, work, bottlenecks }] of await explained(file, 'flow')) {
      expect(transfers.map(({ name }) => name)).toEqual(run.transfers.map(({ name }) => name));
      for (const [index, { latency, limits }] of transfers.entries()) {
        const transfer = run.transfers[index];
        if (transfer === undefined || transfer.route === 'none') continue;
        const first = transfer.firstByteSeconds - transfer.startSeconds;
        const sum = latency.reduce((seconds, part) => seconds + part.seconds, 0);
        expect(Math.abs(sum - first), transfer.name).toBeLessThanOrEqual(first * 1e-6 + 1e-15);
        for (const { source, what, seconds } of latency) {
          expect(source, what).not.toBe('');
          expect(seconds, what).toBeGreaterThan(0);
        }
        expect(limits.reduce((all, { share }) => all + share, 0)).toBeCloseTo(1, 6);
      }
      for (const { use: series, mean, peak, name } of use) {
        expectSound(series, run.makespanSeconds);
        expect(mean, name).toBeLessThanOrEqual(peak * (1 + 1e-9));
        expect(peak, name).toBeLessThanOrEqual(1 + 1e-6);
      }
      for (const { name, direction, utilisation } of run.links) {
        const track = use.find((one) => one.kind === 'link' && one.name === name && one.way === direction);
        expect(track?.mean ?? 0, `${run.name}: ${name} ${direction}`).toBeCloseTo(utilisation, 6);
      }
      for (const { busy, waiting, window, share } of work) {
        expectSound(busy, run.makespanSeconds);
        if (waiting !== null) expectSound(waiting, run.makespanSeconds);
        expect(window[1]).toBeLessThanOrEqual(run.makespanSeconds);
        expect(share).toBeLessThanOrEqual(1);
      }
      for (const { share, copyCount, copies } of bottlenecks) {
        expect(share).toBeLessThanOrEqual(1);
        expect(copyCount).toBeGreaterThanOrEqual(copies.length);
      }
      // One track for each direction; what has none has one.
      const ways = use.map(({ kind, name, way }) => `${kind} ${name} ${way}`);
      expect(new Set(ways).size, run.name).toBe(ways.length);
    }
  });
});

test('waiting for the first byte is the bottleneck of a small transfer, and of no large one', async () => {
  const runs = await explained('lecture/03-ai-server.pcie', 'flow');
  const first = (name: string) => runs.find(([run]) => run.name === name)?.[1].bottlenecks[0];
  expect(first('small-near')).toMatchObject({ kind: 'latency', copies: ['small-near'] });
  expect(first('small-near')?.share).toBeGreaterThan(0.99);
  expect(first('near')).toMatchObject({ kind: 'link' });
});

test('packet by packet the tracks come to the same', async () => {
  for (const [run, { transfers, use }] of await explained('ai-server.pcie', 'packet')) {
    for (const { name, direction, utilisation } of run.links) {
      const track = use.find((one) => one.kind === 'link' && one.name === name && one.way === direction);
      expect(Math.abs((track?.mean ?? 0) - utilisation), `${run.name}: ${name} ${direction}`).toBeLessThan(0.01);
    }
    for (const [index, { latency }] of transfers.entries()) {
      const transfer = run.transfers[index];
      const sum = latency.reduce((seconds, part) => seconds + part.seconds, 0);
      expect(sum).toBeCloseTo((transfer?.firstByteSeconds ?? 0) - (transfer?.startSeconds ?? 0), 12);
    }
  }
});

test('packets that wait are seen where links narrow, over the whole run, and nowhere at fidelity flow', async () => {
  for (const [run, { queues }] of await explained('ai-server.pcie', 'packet')) {
    for (const { depth, mean, peak, name } of queues) {
      expect(depth.times.length, name).toBe(depth.values.length + 1);
      expect(depth.times.at(-1), name).toBeCloseTo(run.makespanSeconds, 9);
      expect(Math.max(...depth.values), name).toBeLessThanOrEqual(peak * 1.001);
      expect(integralOf(depth) / run.makespanSeconds / mean, name).toBeCloseTo(1, 2);
    }
    const means = queues.map(({ mean }) => mean);
    expect(means).toEqual([...means].sort((a, b) => b - a));
  }
  // What nothing goes through any more has no queue.
  const step = await explained('lecture/30-training-step.pcie', 'packet');
  const queuesOf = step.find(([{ name }]) => name === 'staged')?.[1].queues ?? [];
  const drive = queuesOf.find(({ name, way }) => name.endsWith('s0') && way === 'up');
  expect(drive?.peak).toBeGreaterThan(0);
  expect(drive?.depth.values.at(-1)).toBe(0);
  const longest = step.map(([, { queues }]) => queues[0]);
  expect(Math.max(...longest.map((queue) => queue?.mean ?? 0))).toBeGreaterThan(1);
  for (const [, { queues: none }] of await explained('ai-server.pcie', 'flow')) expect(none).toEqual([]);
});

describe('sums over time', () => {
  const interval = (startSeconds: number, endSeconds: number, value: number) => ({ startSeconds, endSeconds, value });

  test('overlap, gaps, and what never ends', () => {
    const all = [
      interval(0, 2, 0.5),
      interval(1, 3, 0.25),
      interval(4, 5, 1),
      interval(0, Number.POSITIVE_INFINITY, 9),
    ];
    expect(sumOf(all, 10, 5)).toEqual({
      times: [0, 1, 2, 3, 4, 5],
      values: [0.5, 0.75, 0.25, 0, 1],
      averaged: false,
    });
    expect(sumOf([], 10, 5)).toEqual({ times: [], values: [], averaged: false });
  });

  test('what follows without a change is one', () => {
    expect(sumOf([interval(0, 1, 0.1), interval(1, 2, 0.1)], 10, 2).values).toHaveLength(1);
  });

  test('too many changes become means that carry as much', () => {
    const all = Array.from({ length: 5000 }, (_, index) =>
      interval(index * 0.002, index * 0.002 + 0.001, (index % 7) / 7),
    );
    const exact = sumOf(all, 100_000, 10);
    const averaged = sumOf(all, 50, 10);
    expect(averaged.averaged).toBe(true);
    expect(averaged.values).toHaveLength(50);
    expect(integralOf(averaged)).toBeCloseTo(integralOf(exact), 9);
  });
});
