import { describe, expect, it } from 'vitest';
import { RandomNumbers } from '../random/numbers.ts';
import { comparePeers, randomPeers } from './compare.ts';
import { p2pdmaHarness } from './harness.ts';

const harness = p2pdmaHarness(false);
const missing = 'missing' in harness ? harness.missing : null;

describe.skipIf(missing !== null)(
  `calc_map_type_and_dist of the kernel${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    it('says the same of every pair of 100 random machines', () => {
      if ('missing' in harness) return;
      for (let seed = 1; seed <= 100; seed++) {
        const { differences } = comparePeers(harness.program, randomPeers(new RandomNumbers(seed)));
        expect({ seed, differences }).toEqual({ seed, differences: [] });
      }
    });
  },
);
