import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  randomWriteAmplification,
  usualSpare,
  writeAmplification,
} from '../../../simulator/devices/write-amplification.ts';
import { patterns } from '../../../simulator/drivers/block/job.ts';
import { bench } from './setup.ts';

const seeded = { seed: 21, numRuns: 60 };

/** A drive that writes blocks at random and collects the block with the least in use: what the formula stands for. */
function collected(spare: number, pagesOfBlock: number, blocks: number): number {
  const addresses = Math.floor((blocks * pagesOfBlock) / (1 + spare));
  const blockOf = new Int32Array(addresses).fill(-1);
  const valid = new Int32Array(blocks);
  const held: number[][] = Array.from({ length: blocks }, () => []);
  const free = Array.from({ length: blocks }, (_, block) => block);
  let open = free.pop() ?? 0;
  let media = 0;
  let state = 12345;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
  const put = (address: number) => {
    if ((held[open]?.length ?? 0) === pagesOfBlock) open = free.pop() ?? 0;
    const old = blockOf[address] ?? -1;
    if (old >= 0) valid[old] = (valid[old] ?? 0) - 1;
    held[open]?.push(address);
    valid[open] = (valid[open] ?? 0) + 1;
    blockOf[address] = open;
    media++;
  };
  const collect = () => {
    let least = -1;
    for (let block = 0; block < blocks; block++) {
      if (block === open || (held[block]?.length ?? 0) < pagesOfBlock) continue;
      if (least < 0 || (valid[block] ?? 0) < (valid[least] ?? 0)) least = block;
    }
    const moved = (held[least] ?? []).filter((address) => blockOf[address] === least);
    for (const address of moved) put(address);
    held[least] = [];
    valid[least] = 0;
    free.push(least);
  };
  for (let address = 0; address < addresses; address++) put(address);
  let host = 0;
  let from = 0;
  for (const writes of [4 * addresses, 4 * addresses]) {
    host = writes;
    from = media;
    for (let write = 0; write < writes; write++) {
      while (free.length < 2) collect();
      put(Math.floor(random() * addresses));
    }
  }
  return (media - from) / host;
}

describe('write amplification', () => {
  it('is what the paper says of it', () => {
    expect(randomWriteAmplification(0.3)).toBeCloseTo(2.36, 2);
  });

  it.each([0.15, 0.3, 0.6])('fits a drive that collects garbage, %f spare', (spare) => {
    expect(collected(spare, 64, 400) / randomWriteAmplification(spare)).toBeGreaterThan(0.9);
    expect(collected(spare, 64, 400) / randomWriteAmplification(spare)).toBeLessThan(1.1);
  });

  it('falls with spare flash, and never below 1', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 5, noNaN: true }),
        fc.double({ min: 1.01, max: 3, noNaN: true }),
        (spare, more) => {
          const value = randomWriteAmplification(spare);
          expect(value).toBeGreaterThan(1);
          expect(randomWriteAmplification(spare * more)).toBeLessThan(value);
        },
      ),
      seeded,
    );
    expect(randomWriteAmplification(Number.POSITIVE_INFINITY)).toBe(1);
    expect(() => randomWriteAmplification(0)).toThrow(RangeError);
  });

  it('is 1 in order, and counts whole units at random', () => {
    const spare = { amplification: 2, unitBytes: 16384 };
    expect(writeAmplification(spare, true, 4096)).toBe(1);
    expect(writeAmplification(spare, false, 4096)).toBe(8);
    expect(writeAmplification(spare, false, 32768)).toBe(2);
  });

  it('takes flash for a power of two, and what no namespace has for spare', () => {
    expect(usualSpare(3.84e12)).toBeCloseTo(0.145, 3);
    expect(usualSpare(3.84e12, 3e12)).toBeCloseTo(0.466, 3);
    expect(usualSpare(2 ** 40)).toBeNull();
  });

  it('writes to the flash what it takes from the host, and more by the amplification', () => {
    const job = fc.record({
      pattern: fc.constantFrom(...patterns.filter((one) => one !== 'append')),
      blockBytes: fc.constantFrom(512, 4096, 65536),
      depth: fc.integer({ min: 1, max: 16 }),
      requests: fc.integer({ min: 1, max: 200 }),
      amplification: fc.double({ min: 1, max: 8, noNaN: true }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(job, ({ amplification, seed, ...one }) => {
        const spareFlash = { amplification, unitBytes: 4096 };
        const { drives } = bench({ drive: { spareFlash }, job: one, seed });
        const { bytesWritten = 0, mediaBytesWritten = 0 } = drives[0]?.smart ?? {};
        const inOrder = !one.pattern.startsWith('rand');
        const each = writeAmplification(spareFlash, inOrder, one.blockBytes);
        expect(mediaBytesWritten).toBeGreaterThanOrEqual(bytesWritten);
        expect(mediaBytesWritten).toBeCloseTo(bytesWritten * each, 3);
      }),
      seeded,
    );
  });
});
