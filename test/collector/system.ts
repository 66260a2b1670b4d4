import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What must not leave the machine, as the text or the bytes in which it stands in the system below. */
export const secrets = {
  serial: [0xde, 0xad, 0xbe, 0xef, 0x12, 0x34, 0x56, 0x78],
  vpd: [0x53, 0x4e, 0x37, 0x39],
  vendorSpecific: [0xca, 0xfe, 0xba, 0xbe],
  texts: ['a0:36:9f:00:11:22', 'a0369f001122', '0f3c6a', '10.1.2.3', 'secrethost', 'builder@', 'SERIAL42', '8d1f-uuid'],
} as const;

interface Fixture {
  readonly path: string;
  readonly vendor: number;
  readonly device: number;
  readonly classCode: number;
  /** Device/port type of the PCI Express capability; null: a function without it. */
  readonly type: number | null;
  readonly buses?: readonly [number, number, number];
  readonly driver?: string;
}

const at = 'sys/devices/pci0000:00';
const functions: readonly Fixture[] = [
  { path: `${at}/0000:00:00.0`, vendor: 0x8086, device: 0x2020, classCode: 0x060000, type: null },
  { path: `${at}/0000:00:02.0`, vendor: 0x8086, device: 0x2030, classCode: 0x060400, type: 4, buses: [0, 1, 4] },
  {
    path: `${at}/0000:00:02.0/0000:01:00.0`,
    vendor: 0x10b5,
    device: 0x9765,
    classCode: 0x060400,
    type: 5,
    buses: [1, 2, 4],
  },
  {
    path: `${at}/0000:00:02.0/0000:01:00.0/0000:02:00.0`,
    vendor: 0x10b5,
    device: 0x9765,
    classCode: 0x060400,
    type: 6,
    buses: [2, 3, 3],
  },
  {
    path: `${at}/0000:00:02.0/0000:01:00.0/0000:02:01.0`,
    vendor: 0x10b5,
    device: 0x9765,
    classCode: 0x060400,
    type: 6,
    buses: [2, 4, 4],
  },
  {
    path: `${at}/0000:00:02.0/0000:01:00.0/0000:02:00.0/0000:03:00.0`,
    vendor: 0x144d,
    device: 0xa80a,
    classCode: 0x010802,
    type: 0,
    driver: 'nvme',
  },
  {
    path: `${at}/0000:00:02.0/0000:01:00.0/0000:02:01.0/0000:04:00.0`,
    vendor: 0x8086,
    device: 0x1521,
    classCode: 0x020000,
    type: 0,
    driver: 'igb',
  },
];

/** Registers: Vital Product Data, PCI Express, vendor-specific; then Device Serial Number, ACS and a vendor's own. */
function configOf({ vendor, device, classCode, type, buses }: Fixture): Uint8Array {
  const bytes = new Uint8Array(type === null ? 256 : 4096);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, vendor, true);
  view.setUint16(2, device, true);
  view.setUint32(8, classCode * 256, true);
  bytes[14] = buses === undefined ? 0 : 1;
  if (buses !== undefined) bytes.set(buses, 0x18);
  if (type === null) return bytes;
  view.setUint16(6, 0x10, true);
  bytes[0x34] = 0x40;
  bytes.set([0x03, 0x60, 0x04, 0x80, ...secrets.vpd], 0x40);
  bytes.set([0x10, 0xa0, (type << 4) | 2], 0x60);
  view.setUint32(0x60 + 0x0c, 0x43, true);
  view.setUint16(0x60 + 0x12, 0x43, true);
  bytes.set([0x09, 0x00, 7, ...secrets.vendorSpecific], 0xa0);
  view.setUint32(0x100, 0x0003 | (1 << 16) | (0x120 << 20), true);
  bytes.set(secrets.serial, 0x104);
  view.setUint32(0x120, 0x000d | (1 << 16) | (0x140 << 20), true);
  view.setUint32(0x124, 0x1d_00_5f, true);
  view.setUint32(0x140, 0x000b | (1 << 16), true);
  view.setUint32(0x144, 0x0001 | (12 << 20), true);
  bytes.set(secrets.vendorSpecific, 0x148);
  return bytes;
}

/** Writes a small machine as Linux shows it: a switch with a drive and a network adapter. */
export function writeSystem(root: string): void {
  const file = (path: string, content: string | Uint8Array) => {
    const full = join(root, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, content);
  };
  const link = (path: string, target: string) => {
    const full = join(root, path);
    mkdirSync(join(full, '..'), { recursive: true });
    symlinkSync(target, full);
  };
  const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}\n`;
  for (const one of functions) {
    const address = one.path.slice(-12);
    file(`${one.path}/config`, configOf(one));
    file(`${one.path}/vendor`, hex(one.vendor, 4));
    file(`${one.path}/device`, hex(one.device, 4));
    file(`${one.path}/class`, hex(one.classCode, 6));
    file(`${one.path}/numa_node`, '0\n');
    file(`${one.path}/uevent`, `DRIVER=${one.driver ?? ''}\nPCI_SLOT_NAME=${address}\nOF_FULLNAME=/secrethost\n`);
    file(`${one.path}/vpd`, 'SERIAL42');
    if (one.driver !== undefined) link(`${one.path}/driver`, `../../../bus/pci/drivers/${one.driver}`);
    link(`${one.path}/iommu_group`, '../../../kernel/iommu_groups/1');
    link(`sys/bus/pci/devices/${address}`, `../../../${one.path.slice(4)}`);
    if (one.type === null) continue;
    file(`${one.path}/current_link_speed`, '8.0 GT/s PCIe\n');
    file(`${one.path}/max_link_speed`, '8.0 GT/s PCIe\n');
    file(`${one.path}/current_link_width`, '4\n');
    file(`${one.path}/max_link_width`, '4\n');
  }
  const [nic, drive] = [functions[6]?.path ?? '', functions[5]?.path ?? ''];
  file(`${nic}/net/eth7/address`, 'a0:36:9f:00:11:22\n');
  link('sys/class/net/eth7', `../../${nic.slice(4)}/net/eth7`);
  link('sys/class/net/enxa0369f001122', `../../${nic.slice(4)}/net/enxa0369f001122`);
  file(`${drive}/nvme/nvme3/serial`, 'SERIAL42\n');
  link('sys/class/nvme/nvme3', `../../${drive.slice(4)}/nvme/nvme3`);
  file('sys/kernel/iommu_groups/1/type', 'DMA-FQ\n');
  file('sys/class/dmi/id/product_name', 'Example 2U\n');
  file('sys/class/dmi/id/product_serial', 'SERIAL42\n');
  file('sys/devices/system/node/node0/cpulist', '0-1\n');
  file('sys/devices/system/node/node0/meminfo', 'Node 0 MemTotal:       33554432 kB\nNode 0 MemFree: 1 kB\n');
  for (const cpu of [0, 1]) {
    file(`sys/devices/system/cpu/cpu${cpu}/topology/core_id`, `${cpu}\n`);
    file(`sys/devices/system/cpu/cpu${cpu}/topology/physical_package_id`, '0\n');
  }
  file('proc/cpuinfo', 'vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nSerial\t\t: SERIAL42\n');
  file('proc/version', 'Linux version 6.1.0-9 (builder@secrethost) (gcc) #1 SMP\n');
  file('proc/cmdline', 'root=UUID=8d1f-uuid ip=10.1.2.3 iommu.strict=0 intel_iommu=on pci=noats hostname=secrethost\n');
  file('proc/sys/kernel/hostname', 'secrethost\n');
}

/** Programs that print what `lspci` and `nvidia-smi` print of it. */
export function writePrograms(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const lspci = `#!/bin/sh
cat <<'END'
0000:03:00.0 Non-Volatile memory controller [0108]: Example [144d:a80a]
	Capabilities: [40] Vital Product Data
		Product Name: Example drive
		Read-only fields:
			[SN] Serial number: SERIAL42
	Capabilities: [60] Express (v2) Endpoint, MSI 00
		LnkSta:	Speed 8GT/s, Width x4
	Capabilities: [100 v1] Device Serial Number 0f3c6a-00-00
	Kernel driver in use: nvme
END
`;
  writeFileSync(join(folder, 'lspci'), lspci, { mode: 0o755 });
  writeFileSync(join(folder, 'nvidia-smi'), "#!/bin/sh\nprintf '\\tGPU0\\nGPU0\\t X \\n'\n", { mode: 0o755 });
}
