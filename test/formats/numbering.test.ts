import fc from 'fast-check';
import { expect, test } from 'vitest';
import { machineFrom } from '../../formats/observed/machine.ts';
import type { ObservedFunction } from '../../formats/observed.ts';
import { printMachine } from '../../language/print.ts';
import { addressesOf, plain, readText } from './harness.ts';
import { observedMachine } from './observed-machine.ts';

/** What hangs at one device number of a bus. */
interface Plug {
  readonly device: number;
  readonly gap: number;
  readonly spare: number;
  readonly functions: number;
  readonly below: readonly Plug[] | null;
}

const hex = (value: number, digits = 2) => value.toString(16).padStart(digits, '0');
const { bus: arbitraryBus } = fc.letrec<{ bus: readonly Plug[]; plug: Plug }>((tie) => ({
  plug: fc.record({
    device: fc.integer({ min: 0, max: 31 }),
    gap: fc.constantFrom(0, 0, 0, 1, 3),
    spare: fc.constantFrom(0, 0, 2),
    functions: fc.integer({ min: 1, max: 3 }),
    below: fc.option(tie('bus') as fc.Arbitrary<readonly Plug[]>, { maxDepth: 3, nil: null, depthIdentifier: 'bus' }),
  }),
  bus: fc.uniqueArray(tie('plug') as fc.Arbitrary<Plug>, {
    maxLength: 4,
    selector: (plug) => plug.device,
    depthIdentifier: 'bus',
  }),
}));

/** Functions with the bus numbers that some firmware gave: depth first, with gaps between and room to spare at the end. */
function functionsOf(plugs: readonly Plug[], segment: number, root: number): ObservedFunction[] {
  const functions: ObservedFunction[] = [];
  const number = (list: readonly Plug[], bus: number, parent: string | null, level: number): number => {
    let last = bus;
    // Root ports hold a switch or a device; a switch holds ports; a port holds a switch or a device.
    const isLink = level % 2 === 1;
    const isInside = level > 0 && !isLink;
    const sorted = [...list].sort((a, b) => a.device - b.device);
    for (const plug of isLink ? sorted.slice(0, 1) : sorted) {
      const device = isLink ? 0 : plug.device;
      const at = (fn: number) => `${hex(segment, 4)}:${hex(bus)}:${hex(device)}.${fn}`;
      if (plug.below === null && !isInside) {
        for (let fn = 0; fn < plug.functions; fn++) {
          functions.push({
            address: at(fn),
            parent,
            classCode: fn === 1 ? 0x040300 : 0x020000,
            vendorId: 1,
            deviceId: fn,
          });
        }
        continue;
      }
      const address = at(0);
      const role = level === 0 ? 'root-port' : isLink ? 'upstream-port' : 'downstream-port';
      const secondary = last + 1 + plug.gap;
      if (secondary > 200) continue;
      const index = functions.length;
      functions.push({ address, parent, role, classCode: 0x060400 });
      last = number(plug.below ?? [], secondary, address, level + 1) + plug.spare;
      functions[index] = {
        address,
        parent,
        role,
        classCode: 0x060400,
        buses: { primary: bus, secondary, subordinate: last },
      };
    }
    return last;
  };
  number(plugs, root, null, 0);
  return functions;
}

test('whatever numbers firmware gave: discovery of the imported machine gives them again, and so does its text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryBus, { minLength: 1, maxLength: 3 }), async (roots) => {
      const functions = roots.flatMap((plugs, segment) => functionsOf(plugs, segment, segment === 1 ? 0x20 : 0));
      const { machine } = machineFrom(observedMachine(functions), { name: 'm' });
      const read = functions.map((one) => one.address).sort();
      expect(addressesOf(machine)).toEqual(read);
      const again = await readText(printMachine(machine));
      expect(again.machine === undefined ? null : plain(again.machine)).toEqual(plain(machine));
    }),
    { seed: 11, numRuns: 150 },
  );
}, 180_000);
