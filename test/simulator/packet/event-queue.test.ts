import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../../simulator/packet/event-queue.ts';

/** Delays as a run has them: nothing, some of a slot, of a hop, beyond all slots. */
const delay = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: 1, max: 500_000 }),
  fc.integer({ min: 4_000_000, max: 2e13 }),
);

describe('events', () => {
  it('come by time, those of one time in the order in which they were put in', () => {
    const steps = fc.array(fc.record({ delays: fc.array(delay, { maxLength: 5 }), takes: fc.nat(6) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const queue = new EventQueue();
        const pending: { time: number; code: number }[] = [];
        let code = 0;
        const take = () => {
          const first = pending.reduce<(typeof pending)[number] | null>(
            (best, one) => (best === null || one.time < best.time ? one : best),
            null,
          );
          expect(queue.next()).toBe(first !== null);
          if (first === null) return;
          expect([queue.time, queue.code]).toEqual([first.time, first.code]);
          pending.splice(pending.indexOf(first), 1);
        };
        for (const { delays, takes } of all) {
          for (const one of delays) {
            queue.push(queue.time + one, code);
            pending.push({ time: queue.time + one, code: code++ });
          }
          for (let left = takes; left > 0; left--) take();
          expect(queue.size).toBe(pending.length);
        }
        while (pending.length > 0) take();
        expect(queue.next()).toBe(false);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it.each([
    ['crowded', 3],
    ['sparse', 400_000],
  ])('stay in order while slots change their length: %s', (_, spread) => {
    const queue = new EventQueue();
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state % below;
    };
    for (let code = 0; code < 500; code++) queue.push(random(500 * spread), code);
    let last = 0;
    let wrong = 0;
    for (let taken = 0; taken < 300_000; taken++) {
      queue.next();
      if (queue.time < last) wrong++;
      last = queue.time;
      queue.push(last + random(1000 * spread), queue.code);
    }
    expect(wrong).toBe(0);
    expect(queue.size).toBe(500);
  });
});
