import type { DeviceModel } from './device-models.ts';

/** A function that a q35 has of its own, on its root bus. */
export interface BuiltInFunction extends DeviceModel {
  readonly name: string;
  readonly device: number;
  readonly fn: number;
}

const plain = { kind: 'device', bars: [], sriov: null, acs: null, hotplug: false, conventional: true } as const;
const bar = { prefetchable: false, resizable: null } as const;

/** QEMU, hw/pci-host/q35.c, hw/isa/lpc_ich9.c, hw/ide/ich.c, hw/i2c/smbus_ich9.c. */
export const builtInFunctions: readonly BuiltInFunction[] = [
  { ...plain, name: 'host-bridge', device: 0, fn: 0, vendorId: 0x8086, deviceId: 0x29c0, classCode: 0x060000 },
  { ...plain, name: 'lpc', device: 31, fn: 0, vendorId: 0x8086, deviceId: 0x2918, classCode: 0x060100 },
  {
    ...plain,
    name: 'sata',
    kind: 'sata',
    device: 31,
    fn: 2,
    vendorId: 0x8086,
    deviceId: 0x2922,
    classCode: 0x010601,
    bars: [
      { ...bar, index: 4, kind: 'io', bytes: 32 },
      { ...bar, index: 5, kind: 'memory32', bytes: 4096 },
    ],
  },
  {
    ...plain,
    name: 'smbus',
    device: 31,
    fn: 3,
    vendorId: 0x8086,
    deviceId: 0x2930,
    classCode: 0x0c0500,
    bars: [{ ...bar, index: 4, kind: 'io', bytes: 64 }],
  },
];

/** A pxb-pcie, which makes a further root bus: a function without BARs on the first (hw/pci-bridge/pci_expander_bridge.c). */
export const expanderIds = { vendorId: 0x1b36, deviceId: 0x000b } as const;
export const expanderModel: DeviceModel = { ...plain, ...expanderIds, classCode: 0x060000 };
