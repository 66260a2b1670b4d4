import { readFileSync } from 'node:fs';
import type { ObservedMachine } from '../formats/observed.ts';
import { withNames } from '../formats/pci/id-names.ts';

/** Where Debian, Fedora and Arch keep the PCI ID database. */
const places = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids', '/usr/share/pci.ids'];

/** A machine with the names that this computer's PCI ID database has for devices without one; as it is where there is none. */
export function withSystemNames(observed: ObservedMachine): ObservedMachine {
  for (const place of places) {
    try {
      return withNames(observed, readFileSync(place, 'latin1'));
    } catch {
      // the next place
    }
  }
  return observed;
}
