import type { Bar, BarKind, SriovCapability } from '../../model/address.ts';
import type { AcsBit, ComponentKind } from '../../model/machine.ts';
import { type QemuOption, qemuFlag, qemuNumber, qemuSize } from './arguments.ts';
import { align, bar, io, kibibyte, mebibyte, memory, powerOfTwo, prefetchable, wide } from './bars.ts';
import { aliases, plainDevices, type VirtioDevice, virtioDevices } from './plain-devices.ts';

/** What a QEMU device model shows on the PCI bus. Figures of QEMU 7.2; each model names its file in QEMU's source. */
export interface DeviceModel {
  readonly kind: ComponentKind;
  /** Null: not known. */
  readonly vendorId: number | null;
  readonly deviceId: number | null;
  /** 24 bits. */
  readonly classCode: number | null;
  readonly bars: readonly Bar[];
  readonly sriov: SriovCapability | null;
  /** Null: no ACS capability. */
  readonly acs: readonly AcsBit[] | null;
  readonly hotplug: boolean;
  /** Without a PCI Express capability where it stands. */
  readonly conventional: boolean;
}

/** Where a device stands: QEMU's hybrid models show other registers on a root bus. */
export type Place = 'root-bus' | 'express' | 'conventional';

interface Context {
  readonly option: QemuOption;
  readonly place: Place;
  /** Size of a `memory-backend-*` object by its id. */
  readonly backendBytes: (id: string | undefined) => number | null;
}

type Describe = (context: Context) => Partial<DeviceModel> & Pick<DeviceModel, 'vendorId' | 'deviceId' | 'classCode'>;

/** ROM files that Debian's packages put behind a device; `romfile=` and `rombar=0` leave it out. */
const rom = ({ option }: Context, bytes: number): Bar[] =>
  option.properties.get('romfile') === '' || qemuNumber(option, 'rombar', 1) === 0 ? [] : [bar(6, 'rom', bytes)];

/** Registers, doorbells, MSI-X table and pending bits of an NVMe controller in one BAR (hw/nvme/ctrl.c, nvme_bar_size). */
export function nvmeRegisterBytes(queues: number, vectors: number): number {
  const table = align(4096 + 2 * queues * 4, 4096);
  const pending = align(table + vectors * 16, 4096);
  return powerOfTwo(pending + align(vectors, 64) / 8);
}

const nvme: Describe = ({ option, backendBytes }) => {
  const bars = [
    wide(0, nvmeRegisterBytes(qemuNumber(option, 'max_ioqpairs', 64) + 1, qemuNumber(option, 'msix_qsize', 65))),
  ];
  const buffer = qemuNumber(option, 'cmb_size_mb', 0);
  if (buffer > 0) bars.push(prefetchable(2, buffer * mebibyte));
  const region = backendBytes(option.properties.get('pmrdev'));
  if (region !== null) bars.push(prefetchable(4, region));
  const totalVfs = qemuNumber(option, 'sriov_max_vfs', 0);
  const each = (whole: string, own: string) =>
    qemuNumber(option, own, 0) || Math.floor(qemuNumber(option, whole, 0) / Math.max(totalVfs, 1));
  const vfBytes = nvmeRegisterBytes(
    each('sriov_vq_flexible', 'sriov_max_vq_per_vf'),
    each('sriov_vi_flexible', 'sriov_max_vi_per_vf'),
  );
  const sriov =
    totalVfs === 0
      ? null
      : { totalVfs, enabledVfs: 0, vfOffset: 1, vfStride: 1, vfDeviceId: 0x0010, bars: [wide(0, vfBytes)] };
  return { kind: 'nvme', vendorId: 0x1b36, deviceId: 0x0010, classCode: 0x010802, bars, sriov };
};

/** Sizes of qxl's memory, raised to powers of two (hw/display/qxl.c, qxl_init_ramsize and qxl_realize_common). */
const qxl: Describe = ({ option }) => {
  const megabytes = (name: string) => qemuNumber(option, name, 0) * mebibyte;
  const bytes = (name: string, usual: number) => qemuSize(option.properties.get(name) ?? '') ?? usual;
  const vgaBytes = Math.min(Math.max(megabytes('vgamem_mb') || 16 * mebibyte, 8 * mebibyte), 256 * mebibyte);
  const ram = Math.max(megabytes('ram_size_mb') || bytes('ram_size', 64 * mebibyte), 2 * vgaBytes);
  const narrow = megabytes('vram_size_mb') || bytes('vram_size', 64 * mebibyte);
  const large = Math.max(megabytes('vram64_size_mb') || bytes('vram64_size', 0), narrow);
  const bars = [
    memory(0, powerOfTwo(ram)),
    memory(1, powerOfTwo(Math.max(narrow, 4096))),
    memory(2, 8 * kibibyte),
    io(3, 32),
  ];
  if (large > narrow) bars.push(prefetchable(4, powerOfTwo(large)));
  return { kind: 'gpu', vendorId: 0x1b36, deviceId: 0x0100, classCode: 0x038000, bars, conventional: true };
};

/**
 * A virtio device: below a port modern and on PCI Express, elsewhere conventional and with the legacy interface, where the
 * device has one; `disable-legacy`, `disable-modern` and the names that end in `transitional` say otherwise
 * (hw/virtio/virtio-pci.c, virtio_pci_realize).
 */
const virtio =
  ({ type, legacy, classCode, vectors, romBytes }: VirtioDevice, variant: 'usual' | 'modern' | 'both'): Describe =>
  (context) => {
    const { option, place } = context;
    const isUsual = variant === 'usual';
    const hasLegacy =
      legacy !== null && variant !== 'modern' && !qemuFlag(option, 'disable-legacy', isUsual && place === 'express');
    const hasModern = !isUsual || !qemuFlag(option, 'disable-modern', false);
    const ownVectors = qemuNumber(option, 'vectors', vectors ? 1 : 0) > 0;
    return {
      kind: type === 1 ? 'nic' : 'device',
      vendorId: 0x1af4,
      deviceId: hasLegacy ? legacy.deviceId : 0x1040 + type,
      classCode,
      bars: [
        ...(hasLegacy ? [io(0, legacy.ioBytes)] : []),
        ...(ownVectors ? [memory(1, 4096)] : []),
        ...(hasModern ? [prefetchable(4, 16 * kibibyte)] : []),
        ...(romBytes > 0 ? rom(context, romBytes) : []),
      ],
      conventional: place !== 'express',
    };
  };

const virtioModels = [...virtioDevices].flatMap(([name, device]): [string, Describe][] => [
  [`virtio-${name}-pci`, virtio(device, 'usual')],
  ...(device.legacy === null
    ? []
    : ([
        [`virtio-${name}-pci-non-transitional`, virtio(device, 'modern')],
        [`virtio-${name}-pci-transitional`, virtio(device, 'both')],
      ] as [string, Describe][])),
]);

/** A BAR as a row of a table writes it. */
function readBar(text: string, context: Context): Bar[] {
  const words = text.split(' ');
  const bytes = Number(words.at(-1));
  if (words[0] === 'rom') return rom(context, bytes);
  return [bar(Number(words[0]), words[1] as BarKind, bytes, words[2] === 'prefetchable')];
}

const plainModels = [...plainDevices].map(([name, { ids, classCode, bars, kind }]): [string, Describe] => [
  name,
  (context) => ({
    kind,
    vendorId: ids[0],
    deviceId: ids[1],
    classCode,
    bars: bars.flatMap((text) => readBar(text, context)),
    conventional: true,
  }),
]);

const plain =
  (
    vendorId: number,
    deviceId: number,
    classCode: number,
    bars: readonly Bar[],
    more: Partial<DeviceModel> = {},
  ): Describe =>
  () => ({ vendorId, deviceId, classCode, bars, ...more });

/** A conventional device with a ROM file. */
const withRom =
  (
    vendorId: number,
    deviceId: number,
    classCode: number,
    bars: readonly Bar[],
    romBytes: number,
    more: Partial<DeviceModel>,
  ): Describe =>
  (context) => ({ vendorId, deviceId, classCode, bars: [...bars, ...rom(context, romBytes)], ...more });

const conventional = { conventional: true } as const;
const bridgeClass = 0x060400;

/** A port with a link below it (hw/pci-bridge/pcie_root_port.c; ACS of hw/pci/pcie.c, pcie_acs_init). */
const port =
  (vendorId: number, deviceId: number, bars: readonly Bar[], hasAcs: boolean): Describe =>
  ({ option }) => ({
    kind: 'root-port',
    vendorId,
    deviceId,
    classCode: bridgeClass,
    bars,
    acs: hasAcs && !qemuFlag(option, 'disable-acs', false) ? ['SV', 'TB', 'RR', 'CR', 'UF', 'DT'] : null,
    hotplug: qemuFlag(option, 'hotplug', true),
  });

/** By QEMU's name. The file under hw/ that says so stands above each group. */
const models: ReadonlyMap<string, Describe> = new Map<string, Describe>([
  // pci-bridge/gen_pcie_root_port.c, ioh3420.c, xio3130_upstream.c, xio3130_downstream.c
  ['pcie-root-port', port(0x1b36, 0x000c, [memory(0, 4096)], true)],
  ['ioh3420', port(0x8086, 0x3420, [], false)],
  ['x3130-upstream', plain(0x104c, 0x8232, bridgeClass, [], { kind: 'switch' })],
  ['xio3130-downstream', port(0x104c, 0x8233, [], false)],
  // pci-bridge/pcie_pci_bridge.c, pci_bridge_dev.c: registers of the hot-plug controller
  ['pcie-pci-bridge', plain(0x1b36, 0x000e, bridgeClass, [wide(0, 256)], { kind: 'bridge', hotplug: true })],
  [
    'pci-bridge',
    ({ option }) => {
      // Without the standard hot-plug controller there are no registers to map.
      const hotplug = qemuFlag(option, 'shpc', true);
      const bars = hotplug ? [wide(0, 256)] : [];
      const ids = { vendorId: 0x1b36, deviceId: 0x0001, classCode: bridgeClass };
      return { kind: 'bridge', ...ids, bars, hotplug, ...conventional };
    },
  ],
  // pci-bridge/i82801b11.c
  ['i82801b11-bridge', plain(0x8086, 0x244e, 0x060401, [], { kind: 'bridge', ...conventional })],
  // nvme/ctrl.c
  ['nvme', nvme],
  // net/e1000e.c, e1000.c, rtl8139.c, vmxnet3.c, eepro100.c
  [
    'e1000e',
    withRom(
      0x8086,
      0x10d3,
      0x020000,
      [memory(0, 128 * kibibyte), memory(1, 128 * kibibyte), io(2, 32), memory(3, 16 * kibibyte)],
      256 * kibibyte,
      { kind: 'nic' },
    ),
  ],
  [
    'e1000',
    withRom(0x8086, 0x100e, 0x020000, [memory(0, 128 * kibibyte), io(1, 64)], 256 * kibibyte, {
      kind: 'nic',
      ...conventional,
    }),
  ],
  [
    'rtl8139',
    withRom(0x10ec, 0x8139, 0x020000, [io(0, 256), memory(1, 256)], 256 * kibibyte, { kind: 'nic', ...conventional }),
  ],
  [
    'vmxnet3',
    withRom(0x15ad, 0x07b0, 0x020000, [memory(0, 4096), memory(1, 4096), memory(2, 8192)], 256 * kibibyte, {
      kind: 'nic',
    }),
  ],
  [
    'i82559er',
    withRom(
      0x8086,
      0x1209,
      0x020000,
      [bar(0, 'memory32', 4096, true), io(1, 64), memory(2, 128 * kibibyte)],
      128 * kibibyte,
      { kind: 'nic', ...conventional },
    ),
  ],
  // misc/pci-testdev.c, edu.c, ivshmem.c, pvpanic-pci.c
  [
    'pci-testdev',
    ({ option }) => {
      const bytes = qemuSize(option.properties.get('membar') ?? '');
      return {
        vendorId: 0x1b36,
        deviceId: 0x0005,
        classCode: 0x00ff00,
        bars: [memory(0, 4096), io(1, 256), ...(bytes === null ? [] : [prefetchable(2, powerOfTwo(bytes))])],
        ...conventional,
      };
    },
  ],
  ['edu', plain(0x1234, 0x11e8, 0x00ff00, [memory(0, mebibyte)], conventional)],
  [
    'ivshmem-plain',
    ({ option, backendBytes }) => ({
      vendorId: 0x1af4,
      deviceId: 0x1110,
      classCode: 0x050000,
      bars: [
        memory(0, 256),
        prefetchable(2, powerOfTwo(backendBytes(option.properties.get('memdev')) ?? 4 * mebibyte)),
      ],
      ...conventional,
    }),
  ],
  ['pvpanic-pci', plain(0x1b36, 0x0011, 0x088000, [memory(0, 16)], conventional)],
  // display/qxl.c, vga-pci.c, bochs-display.c, ati.c, vmware_vga.c
  ['qxl', qxl],
  [
    'qxl-vga',
    (context) => {
      const described = qxl(context);
      return { ...described, classCode: 0x030000, bars: [...(described.bars ?? []), ...rom(context, 64 * kibibyte)] };
    },
  ],
  [
    'ati-vga',
    (context) => ({
      ...display(context, 0x030000),
      vendorId: 0x1002,
      deviceId: 0x5046,
      bars: [
        bar(0, 'memory32', qemuNumber(context.option, 'vgamem_mb', 16) * mebibyte, true),
        io(1, 256),
        memory(2, 16 * kibibyte),
        ...rom(context, 64 * kibibyte),
      ],
    }),
  ],
  [
    'vmware-svga',
    (context) => ({
      ...display(context, 0x030000),
      vendorId: 0x15ad,
      deviceId: 0x0405,
      bars: [
        io(0, 16),
        bar(1, 'memory32', qemuNumber(context.option, 'vgamem_mb', 16) * mebibyte, true),
        bar(2, 'memory32', 64 * kibibyte, true),
        ...rom(context, 64 * kibibyte),
      ],
    }),
  ],
  [
    'VGA',
    (context) => ({ ...display(context, 0x030000), bars: [...vgaBars(context), ...rom(context, 64 * kibibyte)] }),
  ],
  ['secondary-vga', (context) => ({ ...display(context, 0x038000), bars: vgaBars(context) })],
  [
    'bochs-display',
    (context) => ({
      ...display(context, 0x038000),
      bars: [...vgaBars(context), ...rom(context, 32 * kibibyte)],
      conventional: context.place === 'conventional',
    }),
  ],
  // virtio/virtio-*-pci.c, display/virtio-vga.c
  ...virtioModels,
  [
    'virtio-vga',
    (context) => ({
      ...display(context, 0x030000),
      vendorId: 0x1af4,
      deviceId: 0x1050,
      bars: [
        bar(0, 'memory32', qemuNumber(context.option, 'vgamem_mb', 8) * mebibyte, true),
        prefetchable(2, 16 * kibibyte),
        memory(4, 4096),
        ...rom(context, 64 * kibibyte),
      ],
      conventional: context.place !== 'express',
    }),
  ],
  // usb/hcd-xhci-pci.c, hcd-xhci-nec.c, hcd-ehci-pci.c
  ['qemu-xhci', plain(0x1b36, 0x000d, 0x0c0330, [wide(0, 16 * kibibyte)])],
  ['nec-usb-xhci', plain(0x1033, 0x0194, 0x0c0330, [wide(0, 16 * kibibyte)])],
  ['usb-ehci', plain(0x8086, 0x24cd, 0x0c0320, [memory(0, 4096)], conventional)],
  // ide/ich.c
  ['ich9-ahci', plain(0x8086, 0x2922, 0x010601, [io(4, 32), memory(5, 4096)], { kind: 'sata', ...conventional })],
  // scsi/megasas.c, mptsas.c, vmw_pvscsi.c, lsi53c895a.c
  [
    'megasas',
    plain(0x1000, 0x0060, 0x010400, [wide(0, 16 * kibibyte), io(2, 256), wide(3, 256 * kibibyte)], conventional),
  ],
  ['megasas-gen2', plain(0x1000, 0x0079, 0x010400, [io(0, 256), wide(1, 16 * kibibyte), wide(3, 256 * kibibyte)])],
  [
    'mptsas1068',
    plain(0x1000, 0x0054, 0x010000, [io(0, 256), memory(1, 16 * kibibyte), memory(2, 64 * kibibyte)], conventional),
  ],
  ['pvscsi', plain(0x15ad, 0x07c0, 0x010000, [memory(0, 32 * kibibyte)])],
  ['lsi53c895a', plain(0x1000, 0x0012, 0x010000, [io(0, 256), memory(1, 1024), memory(2, 8192)], conventional)],
  // sd/sdhci-pci.c
  ['sdhci-pci', plain(0x1b36, 0x0007, 0x080501, [memory(0, 256)], conventional)],
  ...plainModels,
]);

const display = (
  _: Context,
  classCode: number,
): Pick<DeviceModel, 'kind' | 'vendorId' | 'deviceId' | 'classCode' | 'conventional'> => ({
  kind: 'gpu',
  vendorId: 0x1234,
  deviceId: 0x1111,
  classCode,
  conventional: true,
});

const vgaBars = ({ option }: Context): Bar[] => [
  bar(
    0,
    'memory32',
    qemuSize(option.properties.get('vgamem') ?? '') ?? qemuNumber(option, 'vgamem_mb', 16) * mebibyte,
    true,
  ),
  memory(2, 4096),
];

/** Names of the device models that are known. */
export const deviceTypes: readonly string[] = [...models.keys()];

/** What a device shows, or null for a model that is not known. */
export function describeDevice(
  option: QemuOption,
  place: Place,
  backendBytes: (id: string | undefined) => number | null,
): DeviceModel | null {
  const describe = models.get(aliases.get(option.type) ?? option.type);
  if (describe === undefined) return null;
  const made = describe({ option, place, backendBytes });
  return { kind: 'device', bars: [], sriov: null, acs: null, hotplug: false, conventional: false, ...made };
}
