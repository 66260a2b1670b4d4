import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configRead } from '../../../model/space/access.ts';
import { configurationSpaces } from '../../../model/space/spaces.ts';
import { randomMachine } from './random-machine.ts';

describe('machines of any shape', () => {
  it('have a space for each address, whose chains end', () => {
    fc.assert(
      fc.property(randomMachine, (machine) => {
        const { functions, byAddress } = configurationSpaces(machine);
        expect(byAddress.size).toBe(functions.length);
        for (const space of functions) {
          expect(space.address).toMatch(/^[0-9a-f]{4,}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/);
          const visited: number[] = [];
          for (let at = configRead(space, 0x34, 1); at !== 0; at = configRead(space, at + 1, 1)) visited.push(at);
          if (space.registers.bytes.length > 256) {
            for (let at = 0x100; at !== 0; at = configRead(space, at, 4) >>> 20) visited.push(at);
          }
          expect(visited).toEqual(space.capabilities.map(({ offset }) => offset));
          for (const { offset, bytes } of space.capabilities) {
            expect(offset + bytes).toBeLessThanOrEqual(space.registers.bytes.length);
          }
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
