import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OtherActivity, Transfer } from '../../model/work.ts';
import { activity, end, MiB, processOf, run, server } from './drivers/server.ts';

const machine = server({ gpus: 4 });

interface Piece {
  readonly kind: 'transfer' | 'process' | 'collective';
  /** Places of earlier pieces that it comes after. */
  readonly after: readonly number[];
  readonly megabytes: number;
}

const pieces = fc.array(
  fc.record({
    kind: fc.constantFrom<Piece['kind']>('transfer', 'process', 'collective'),
    after: fc.array(fc.nat(5), { maxLength: 3 }),
    megabytes: fc.integer({ min: 1, max: 16 }),
  }),
  { minLength: 1, maxLength: 6 },
);

/** `any`: pieces may name later ones, and themselves. */
function scenarioOf(list: readonly Piece[], any: boolean) {
  const transfers: Transfer[] = [];
  const processes: ReturnType<typeof processOf>[] = [];
  const activities: OtherActivity[] = [];
  list.forEach(({ kind, after: said, megabytes }, at) => {
    const name = `w${at}`;
    const after = said.filter((one) => one < (any ? list.length : at)).map((one) => `w${one}`);
    const bytes = megabytes * MiB;
    if (kind === 'transfer') {
      const [from, to] = [end(machine, 'gpu0'), end(machine, 'gpu1')];
      const plain = { blockBytes: null, depth: null, via: 'auto', initiator: null, operation: null } as const;
      const rest = { startSeconds: 0, expectations: [], origin: machine.origin };
      transfers.push({ name, from, to, bytes, after, ...plain, ...rest });
    } else if (kind === 'process') {
      const copy = { kind: 'copy', direction: 'h2d', bytes, peer: null, pinned: true, origin: machine.origin } as const;
      processes.push({ ...processOf(machine, 'gpu2', [[copy]], { name }), after });
    } else {
      const settings = { collective: 'all-reduce', bytes };
      activities.push({ ...activity(machine, 'collective', settings, { over: ['gpu2', 'gpu3'] }), name, after });
    }
  });
  return { transfers, processes, activities };
}

describe('work that comes after other work', () => {
  it('starts when all of that has ended, and ends', () => {
    fc.assert(
      fc.property(pieces, (list) => {
        const result = run(machine, scenarioOf(list, false));
        const all = [...result.transfers, ...(result.activities ?? [])];
        const of = (at: number) => all.find(({ name }) => name === `w${at}`);
        expect(result.notSimulated).toEqual([]);
        list.forEach(({ after }, at) => {
          const own = of(at);
          expect(Number.isFinite(own?.endSeconds)).toBe(true);
          for (const before of after.filter((one) => one < at))
            expect(own?.startSeconds).toBeGreaterThanOrEqual((of(before)?.endSeconds ?? 0) - 1e-12);
        });
      }),
      { seed: 20, numRuns: 60 },
    );
  });

  it('never hangs, whatever waits for whatever', () => {
    fc.assert(
      fc.property(pieces, (list) => {
        const result = run(machine, scenarioOf(list, true));
        for (const { endSeconds } of [...result.transfers, ...(result.activities ?? [])])
          expect(Number.isFinite(endSeconds)).toBe(true);
      }),
      { seed: 21, numRuns: 60 },
    );
  });
});
