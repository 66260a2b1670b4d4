import { describe, expect, it } from 'vitest';
import { machinesOf } from '../../formats/examples.ts';
import { missingToBoot } from '../boot/boot.ts';
import { compareExample } from './compare-example.ts';

const missing = missingToBoot();

describe.skipIf(missing !== null)(
  `examples exported, booted and read back${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    // The others: npm run test:kernel:examples.
    it.each(['single-board.pcie', 'lecture/18-pinned-pageable.pcie'])(
      '%s: what the kernel shows otherwise is said',
      async (file) => {
        for (const machine of await machinesOf(file)) {
          const { differences, unsaid, functions } = await compareExample(machine);
          expect({ differences, unsaid }).toEqual({ differences: [], unsaid: [] });
          expect(functions).toBeGreaterThan(machine.components.length / 2);
        }
      },
      300_000,
    );
  },
);
