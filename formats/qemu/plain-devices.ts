import type { ComponentKind } from '../../model/machine.ts';

/** `0 memory32 4096`, `2 memory64 prefetchable 16384`, `rom 65536`. */
type BarText = string;

/** A device whose registers do not depend on its properties: IDs, class, BARs, kind. */
export interface PlainDevice {
  readonly ids: readonly [vendor: number, device: number];
  readonly classCode: number;
  readonly bars: readonly BarText[];
  readonly kind: ComponentKind;
}

const row = (
  ids: readonly [number, number],
  classCode: number,
  bars: readonly BarText[],
  kind: ComponentKind = 'device',
): PlainDevice => ({ ids, classCode, bars, kind });

/** Intel's 8255x family: three BARs and a boot ROM (net/eepro100.c). */
const eepro = ['0 memory32 prefetchable 4096', '1 io 64', '2 memory32 131072', 'rom 131072'];
const eeproModels: readonly (readonly [name: string, device: number])[] = [
  ['i82550', 0x1209],
  ['i82551', 0x1209],
  ['i82557a', 0x1229],
  ['i82557b', 0x1229],
  ['i82557c', 0x1229],
  ['i82558a', 0x1229],
  ['i82558b', 0x1229],
  ['i82559a', 0x1229],
  ['i82559b', 0x1229],
  ['i82559c', 0x1229],
  ['i82562', 0x1209],
  ['i82801', 0x2449],
];

/** Conventional devices of QEMU 7.2, as they answer configuration reads; the file under hw/ stands above each group. */
export const plainDevices: ReadonlyMap<string, PlainDevice> = new Map<string, PlainDevice>([
  // net/eepro100.c, e1000.c, ne2000-pci.c, pcnet-pci.c, rocker/rocker.c, tulip.c
  ...eeproModels.map(([name, device]) => [name, row([0x8086, device], 0x020000, eepro, 'nic')] as const),
  ['e1000-82544gc', row([0x8086, 0x100c], 0x020000, ['0 memory32 131072', '1 io 64', 'rom 262144'], 'nic')],
  ['e1000-82545em', row([0x8086, 0x100f], 0x020000, ['0 memory32 131072', '1 io 64', 'rom 262144'], 'nic')],
  ['ne2k_pci', row([0x10ec, 0x8029], 0x020000, ['0 io 256', 'rom 262144'], 'nic')],
  ['pcnet', row([0x1022, 0x2000], 0x020000, ['0 io 32', '1 memory32 32', 'rom 262144'], 'nic')],
  ['rocker', row([0x1b36, 0x0006], 0x028000, ['0 memory32 8192', '1 memory32 8192'], 'nic')],
  ['tulip', row([0x1011, 0x0019], 0x020000, ['0 io 128', '1 memory32 128'], 'nic')],
  // usb/hcd-ehci-pci.c, hcd-uhci.c, hcd-ohci-pci.c
  ['ich9-usb-ehci1', row([0x8086, 0x293a], 0x0c0320, ['0 memory32 4096'])],
  ['ich9-usb-ehci2', row([0x8086, 0x293c], 0x0c0320, ['0 memory32 4096'])],
  ...[1, 2, 3, 4, 5, 6].map(
    (number) => [`ich9-usb-uhci${number}`, row([0x8086, 0x2933 + number], 0x0c0300, ['4 io 32'])] as const,
  ),
  ['piix3-usb-uhci', row([0x8086, 0x7020], 0x0c0300, ['4 io 32'])],
  ['piix4-usb-uhci', row([0x8086, 0x7112], 0x0c0300, ['4 io 32'])],
  ['pci-ohci', row([0x106b, 0x003f], 0x0c0310, ['0 memory32 256'])],
  // scsi/esp-pci.c, lsi53c895a.c; ide/piix.c
  ['am53c974', row([0x1022, 0x2020], 0x010000, ['0 io 128'])],
  ['dc390', row([0x1022, 0x2020], 0x010000, ['0 io 128'])],
  ['lsi53c810', row([0x1000, 0x0001], 0x010000, ['0 io 256', '1 memory32 1024', '2 memory32 8192'])],
  ['piix3-ide', row([0x8086, 0x7010], 0x010180, ['4 io 16'])],
  ['piix4-ide', row([0x8086, 0x7111], 0x010180, ['4 io 16'])],
  // char/serial-pci.c, serial-pci-multi.c; ipack/tpci200.c
  ['pci-serial', row([0x1b36, 0x0002], 0x070002, ['0 io 8'])],
  ['pci-serial-2x', row([0x1b36, 0x0003], 0x070002, ['0 io 16'])],
  ['pci-serial-4x', row([0x1b36, 0x0004], 0x070002, ['0 io 32'])],
  [
    'tpci200',
    row([0x1498, 0x30c8], 0x068000, [
      '0 memory32 128',
      '1 io 128',
      '2 memory32 256',
      '3 memory32 1024',
      '4 memory32 33554432',
      '5 memory32 16777216',
    ]),
  ],
  // display/cirrus_vga.c
  [
    'cirrus-vga',
    row([0x1013, 0x00b8], 0x030000, ['0 memory32 prefetchable 33554432', '1 memory32 4096', 'rom 65536'], 'gpu'),
  ],
  // audio/ac97.c, es1370.c, intel-hda.c
  ['AC97', row([0x8086, 0x2415], 0x040100, ['0 io 1024', '1 io 256'])],
  ['ES1370', row([0x1274, 0x5000], 0x040100, ['0 io 256'])],
  ['intel-hda', row([0x8086, 0x2668], 0x040300, ['0 memory32 16384'])],
  ['ich9-intel-hda', row([0x8086, 0x293e], 0x040300, ['0 memory32 16384'])],
  // acpi/erst.c, watchdog/wdt_i6300esb.c, ipmi/pci_ipmi_bt.c, pci_ipmi_kcs.c
  ['acpi-erst', row([0x1b36, 0x0012], 0x00ff00, ['0 memory32 16', '1 memory32 8192'])],
  ['i6300esb', row([0x8086, 0x25ab], 0x088000, ['0 memory32 16'])],
  ['pci-ipmi-bt', row([0x1234, 0x1112], 0x0c0702, ['0 io 8'])],
  ['pci-ipmi-kcs', row([0x1234, 0x1112], 0x0c0701, ['0 io 8'])],
]);

/** A virtio device: what tells one from the other on the PCI bus (hw/virtio/virtio-*-pci.c). */
export interface VirtioDevice {
  /** Device type; the modern device ID is 1040h more (virtio 1.2, 4.1.2). */
  readonly type: number;
  /** Device ID and size of the I/O BAR of the legacy interface; null: modern only. */
  readonly legacy: { readonly deviceId: number; readonly ioBytes: number } | null;
  readonly classCode: number;
  /** Has MSI-X vectors by default. */
  readonly vectors: boolean;
  readonly romBytes: number;
}

const virtio = (
  type: number,
  legacy: readonly [deviceId: number, ioBytes: number] | null,
  classCode: number,
  { vectors = true, romBytes = 0 }: { readonly vectors?: boolean; readonly romBytes?: number } = {},
): VirtioDevice => ({
  type,
  legacy: legacy === null ? null : { deviceId: legacy[0], ioBytes: legacy[1] },
  classCode,
  vectors,
  romBytes,
});

/** By the name between `virtio-` and `-pci`. */
export const virtioDevices: ReadonlyMap<string, VirtioDevice> = new Map<string, VirtioDevice>([
  ['net', virtio(1, [0x1000, 32], 0x020000, { romBytes: 262144 })],
  ['blk', virtio(2, [0x1001, 128], 0x010000)],
  ['serial', virtio(3, [0x1003, 64], 0x078000)],
  ['rng', virtio(4, [0x1005, 32], 0x00ff00)],
  ['balloon', virtio(5, [0x1002, 64], 0x00ff00, { vectors: false })],
  ['scsi', virtio(8, [0x1004, 64], 0x010000)],
  ['9p', virtio(9, [0x1009, 32], 0x000200)],
  ['gpu', virtio(16, null, 0x038000)],
  ['keyboard', virtio(18, null, 0x090000)],
  ['mouse', virtio(18, null, 0x090200)],
  ['tablet', virtio(18, null, 0x098000)],
  ['crypto', virtio(20, null, 0x00ff00)],
  ['iommu', virtio(23, null, 0x00ff00, { vectors: false })],
]);

/** Other names of the same devices (softmmu/qdev-monitor.c, qdev_alias_table). */
export const aliases: ReadonlyMap<string, string> = new Map([
  ['ac97', 'AC97'],
  ['es1370', 'ES1370'],
  ['ahci', 'ich9-ahci'],
  ['e1000-82540em', 'e1000'],
  ['lsi', 'lsi53c895a'],
  ...[...virtioDevices.keys()].map((name) => [`virtio-${name}`, `virtio-${name}-pci`] as const),
]);
