import type { CapabilityBlock } from '../block.ts';
import { setDword } from '../registers.ts';
import type { PciRole } from '../role.ts';

/**
 * Values at reset (PCI Express Base Specification 5.0, 7.8.4): severity as fatal for data link, surprise down, flow control,
 * overflow and malformed TLP and internal errors; advisory non-fatal and internal correctable errors masked.
 */
const severity = 0x00462030;
const uncorrectableMask = 0x00400000;
const correctableMask = 0x0000e000;
const uncorrectableErrors = 0x03fff030;
const correctableErrors = 0x0000f1c1;

/** Advanced Error Reporting, version 2: nothing reported. */
export const advancedErrorReporting = (role: PciRole): CapabilityBlock => ({
  kind: 'extended',
  id: 0x0001,
  version: 2,
  name: 'Advanced Error Reporting',
  bytes: 0x48,
  write(space, at) {
    const own = role === 'virtual-function' ? 0 : 0xffffffff;
    setDword(space, at + 0x04, 0, { clearable: uncorrectableErrors });
    setDword(space, at + 0x08, uncorrectableMask & own, { writable: uncorrectableErrors & own });
    setDword(space, at + 0x0c, severity & own, { writable: uncorrectableErrors & own });
    setDword(space, at + 0x10, 0, { clearable: correctableErrors });
    setDword(space, at + 0x14, correctableMask & own, { writable: correctableErrors & own });
    if (role !== 'root-port') return;
    setDword(space, at + 0x2c, 0, { writable: 0x7 });
    setDword(space, at + 0x30, 0, { clearable: 0x7f });
  },
});
