import { describe, expect, it } from 'vitest';
import { readHwloc } from '../../formats/hwloc/read.ts';
import { readNccl } from '../../formats/nccl/read.ts';
import { readNvidiaSmi } from '../../formats/nvidia-smi/read.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import { mergeObserved } from '../../formats/observed/merge.ts';
import { type ObservedMachine, UnreadableInput } from '../../formats/observed.ts';
import { readUdevadm } from '../../formats/udevadm/read.ts';
import { fixture } from './hwloc/fixture.ts';
import { nvidia } from './nccl/fixture.ts';
import { tabs } from './nvidia-smi/fixture.ts';
import { database } from './udevadm/fixture.ts';

/** Numbers that are the same in every run (a linear congruential generator; Knuth, TAOCP volume 2, 3.3.4). */
function numbers(seed: number): (below: number) => number {
  let state = BigInt(seed);
  return (below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return Number(state >> 33n) % below;
  };
}

const pieces = [
  '"',
  '<',
  '>',
  '&',
  '/',
  '\0',
  '\uffff',
  ']]>',
  '<!--',
  '&amp',
  '0x',
  '-1',
  '99999999999999999999',
  '\n',
  '\t',
  'ffff:ff:1f.7',
  '<a>',
  '</object>',
  '<pci>',
  '__proto__',
];

/** A text with pieces cut out, doubled, moved, overwritten or put in, or cut off at some place. */
function mutate(text: string, random: (below: number) => number): string {
  let mutated = text;
  for (let round = random(5); round >= 0; round--) {
    const at = random(mutated.length + 1);
    const length = random(4) === 0 ? random(2000) : random(12);
    const piece = mutated.slice(at, at + length);
    switch (random(7)) {
      case 0:
        mutated = mutated.slice(0, at);
        break;
      case 1:
        mutated = mutated.slice(0, at) + mutated.slice(at + length);
        break;
      case 2:
        mutated = mutated.slice(0, at) + piece + mutated.slice(at);
        break;
      case 3: {
        const to = random(mutated.length + 1);
        mutated = mutated.slice(0, to) + piece + mutated.slice(to);
        break;
      }
      case 4:
        mutated = mutated.slice(0, at) + String.fromCharCode(random(300)) + mutated.slice(at + 1);
        break;
      case 5:
        // A number or address becomes another: well-formed, and wrong.
        mutated = mutated.slice(0, at) + mutated.slice(at).replace(/[0-9a-f]+/, random(70_000).toString(16));
        break;
      default:
        mutated = mutated.slice(0, at) + (pieces[random(pieces.length)] ?? '') + mutated.slice(at);
    }
  }
  return mutated;
}

const cases: readonly (readonly [name: string, text: string, read: (text: string) => ObservedMachine])[] = [
  ['hwloc 1', fixture(1), readHwloc],
  ['hwloc 2', fixture(2), readHwloc],
  ['hwloc 3', fixture(3), readHwloc],
  ['NCCL', nvidia, readNccl],
  ['udevadm', database, readUdevadm],
  ['nvidia-smi', tabs, readNvidiaSmi],
];

describe('mutated input: read, or refused with a clear error', () => {
  it.each(cases)('%s: 1400 texts', (_name, text, read) => {
    const random = numbers(20);
    let readable = 0;
    for (let round = 0; round < 1400; round++) {
      const mutated = mutate(text, random);
      try {
        const observed = mergeObserved([read(mutated)]);
        readable++;
        machineFrom(observed, { name: 'm' });
      } catch (error) {
        if (!(error instanceof UnreadableInput)) throw new Error(`on ${JSON.stringify(mutated)}`, { cause: error });
        expect(error.message).toMatch(/^[A-Z].*\.$/s);
        expect(error.message.length).toBeLessThan(300);
      }
    }
    expect(readable).toBeGreaterThan(0);
    expect(readable).toBeLessThan(1400);
  });
});
