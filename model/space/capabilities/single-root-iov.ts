import type { SriovCapability } from '../../address.ts';
import type { EnumeratedVirtualBar } from '../../discovery/enumeration.ts';
import type { CapabilityBlock } from '../block.ts';
import { writeBaseAddress } from '../header.ts';
import { bitWhere, setDword, setWord } from '../registers.ts';

/** Offset of VF BAR 0 in the capability (PCI_SRIOV_BAR). */
export const virtualBarOffset = 0x24;
/** Page sizes that every physical function takes: 4, 8, 64, 256 KiB, 1 and 4 MiB (SR-IOV 1.1, 3.3.12). */
const supportedPages = 0x553;
const maximumVfs = 0xffff;

/**
 * Single Root I/O Virtualization (SR-IOV 1.1, 3.3): NumVFs as enabled now, BARs of the virtual functions where they are
 * placed.
 *
 * @param ariHierarchy Routing-IDs beyond eight functions reach the device
 */
export const singleRootIov = (
  sriov: SriovCapability,
  bars: readonly EnumeratedVirtualBar[],
  deviceId: number,
  ariHierarchy: boolean,
): CapabilityBlock => ({
  kind: 'extended',
  id: 0x0010,
  version: 1,
  name: 'Single Root I/O Virtualization',
  bytes: 0x40,
  write(space, at) {
    const total = Math.min(sriov.totalVfs, maximumVfs);
    const enabled = Math.min(sriov.enabledVfs, total);
    const decodes = enabled > 0 && bars.every(({ address }) => address !== null);
    const enable = bitWhere(enabled > 0, 0x1) | bitWhere(decodes, 0x8) | bitWhere(ariHierarchy, 0x10);
    setDword(space, at + 0x04, 0);
    setWord(space, at + 0x08, enable, { writable: 0x19 });
    setWord(space, at + 0x0c, total);
    setWord(space, at + 0x0e, total);
    setWord(space, at + 0x10, enabled, { writable: 0xffff });
    // Not defined while no virtual function is enabled (3.3.9, 3.3.10).
    setWord(space, at + 0x14, sriov.vfOffset ?? (enabled > 0 ? 1 : 0));
    setWord(space, at + 0x16, sriov.vfStride ?? (enabled > 1 ? 1 : 0));
    setWord(space, at + 0x1a, sriov.vfDeviceId ?? deviceId);
    setDword(space, at + 0x1c, supportedPages);
    setDword(space, at + 0x20, 1, { writable: supportedPages });
    for (const bar of bars) writeBaseAddress(space, at + virtualBarOffset + 4 * bar.index, bar, bar.bytes);
  },
});
