/** What tells a switch: its IDs. */
export interface SwitchIds {
  readonly vendorId?: number | undefined;
  readonly deviceId?: number | undefined;
  readonly subsystemVendorId?: number | undefined;
  readonly subsystemDeviceId?: number | undefined;
}

/**
 * Switches that show two levels of themselves and that NCCL takes for one: Broadcom PEX880xx and PEX890xx (NCCL,
 * src/graph/topo.cc, getBcmGen, ncclTopoFlattenBcmSwitches). The subsystem ID tells the levels: by its upper four bits, the
 * upper level's and the lower one's.
 */
const twoLevelSwitches: ReadonlyMap<number, readonly [upper: number, lower: number]> = new Map([
  [0xc010, [0xa, 0xa]],
  [0xc030, [0x0, 0x1]],
]);
const broadcom = 0x1000;

/** Whether a switch is this level of one, 0 the upper; undefined where it may be, but its subsystem is not known. */
export function isLevelOfTwo(ids: SwitchIds, level: 0 | 1): boolean | undefined {
  const levels = ids.vendorId === broadcom ? twoLevelSwitches.get(ids.deviceId ?? 0) : undefined;
  if (levels === undefined) return false;
  const { subsystemVendorId, subsystemDeviceId } = ids;
  if (subsystemVendorId === undefined || subsystemDeviceId === undefined) return undefined;
  return subsystemVendorId === broadcom && subsystemDeviceId >>> 12 === levels[level];
}
