import { describe, expect, it } from 'vitest';
import { missingToBoot } from './boot/boot.ts';
import { compareRandom } from './random/compare-random.ts';

const missing = missingToBoot();
const seconds = 1000;

describe.skipIf(missing !== null)(
  `a few random topologies booted${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    it.each([
      [1, 'linux'],
      [26, 'linux'],
      [1, 'seabios'],
    ] as const)(
      'seed %d under %s',
      async (seed, firmware) => {
        const { refused, differences } = await compareRandom(seed, firmware);
        expect({ refused, differences }).toEqual({ refused: null, differences: [] });
      },
      300 * seconds,
    );
  },
);
