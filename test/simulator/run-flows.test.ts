import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runFlows } from '../../simulator/engine/run-flows.ts';

const folder = resolve(import.meta.dirname, '../../../shared/data/flows');
const rows = (file: string) =>
  readFileSync(resolve(folder, file), 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));

describe('runFlows', () => {
  it('shares one resource evenly', () => {
    const { finishSeconds } = runFlows({
      capacities: Float64Array.of(10),
      flows: [
        { bytes: 10, startSeconds: 0, resources: [0] },
        { bytes: 30, startSeconds: 0, resources: [0] },
      ],
    });
    expect([...finishSeconds]).toEqual([2, 4]);
  });

  it('lets a flow that is held back elsewhere leave its share to others', () => {
    const { finishSeconds } = runFlows({
      capacities: Float64Array.of(10, 2),
      flows: [
        { bytes: 8, startSeconds: 0, resources: [0] },
        { bytes: 2, startSeconds: 0, resources: [0, 1] },
      ],
    });
    expect([...finishSeconds]).toEqual([1, 1]);
  });

  it('takes arrivals later on', () => {
    const { finishSeconds } = runFlows({
      capacities: Float64Array.of(1),
      flows: [
        { bytes: 2, startSeconds: 0, resources: [0] },
        { bytes: 1, startSeconds: 1, resources: [0] },
      ],
    });
    expect([...finishSeconds]).toEqual([3, 3]);
  });

  it('never carries more than the capacity, and moves all bytes', () => {
    const flow = fc.record({
      bytes: fc.integer({ min: 1, max: 1000 }),
      startSeconds: fc.integer({ min: 0, max: 5 }),
      resources: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(flow, { minLength: 1, maxLength: 12 }), (flows) => {
        const capacities = Float64Array.of(7, 11, 13, 17);
        const { finishSeconds } = runFlows({ capacities, flows });
        const last = Math.max(...finishSeconds);
        capacities.forEach((capacity, resource) => {
          const on = flows.filter((one) => one.resources.includes(resource));
          const first = Math.min(...on.map((one) => one.startSeconds));
          const bytes = on.reduce((sum, one) => sum + one.bytes, 0);
          if (on.length > 0) expect(bytes).toBeLessThanOrEqual((last - first) * capacity * (1 + 1e-9));
        });
        for (const [index, one] of flows.entries()) expect(finishSeconds[index]).toBeGreaterThan(one.startSeconds);
      }),
    );
  });

  it.skipIf(!existsSync(folder))('finishes flows when SimGrid does (skipped where the shared data are absent)', () => {
    for (const file of existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.flows.csv')) : []) {
      if (file.includes('f10000')) continue; // minutes in a test; the benchmark runs it
      const links = rows(`${file.split('-')[0]}.links.csv`);
      const capacities = new Float64Array(links.length);
      for (const link of links) capacities[Number(link[0])] = Number(link[3]);
      const flows = rows(file).map((row) => ({
        bytes: Number(row[3]),
        startSeconds: Number(row[4]),
        resources: (row[5] ?? '').split(' ').map(Number),
      }));
      const { finishSeconds } = runFlows({ capacities, flows });
      for (const row of rows(file.replace('.flows.', '.simgrid.'))) {
        const wanted = Number(row.at(-1));
        const got = finishSeconds[Number(row[0])] ?? Number.NaN;
        expect(Math.abs(got - wanted), `${file} flow ${row[0]}`).toBeLessThanOrEqual(Math.max(1e-12, wanted * 1e-9));
      }
    }
  });
});
