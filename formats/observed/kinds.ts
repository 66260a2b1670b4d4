import type { ComponentKind } from '../../model/machine.ts';
import type { ObservedFunction } from '../observed.ts';
import { kindOfId, type PartIndex, partOfDeviceName } from './parts.ts';

/** What kind of component a function is, and what such a thing is called before its number. */
export interface KindAndName {
  readonly kind: ComponentKind;
  readonly base: string;
  /** Told by its name alone: the source gives no class. */
  readonly byName: boolean;
}

/** Display controllers of management processors and virtual machines are no GPUs to anybody: ASPEED, Matrox, Cirrus, QEMU. */
const consoleVendors: ReadonlySet<number> = new Set([0x1a03, 0x102b, 0x1013, 0x1234, 0x1b36, 0x1af4]);
/** AMD (Xilinx), Intel (Altera). */
const fpgaVendors: ReadonlySet<number> = new Set([0x10ee, 0x1172]);
const nvidia = 0x10de;

/** What a device is called by base class and subclass, where its kind is `device`. */
const names: Readonly<Record<number, string>> = {
  256: 'scsi',
  257: 'ide',
  260: 'raid',
  263: 'sas',
  1025: 'audio',
  1027: 'audio',
  1282: 'cxl',
  1536: 'host-bridge',
  1537: 'lpc',
  1664: 'bridge-function',
  1792: 'serial',
  1920: 'management',
  2048: 'pic',
  2049: 'dma',
  2054: 'iommu',
  2055: 'event-collector',
  2176: 'system',
  2880: 'coprocessor',
  3075: 'usb',
  3076: 'fc',
  3077: 'smbus',
  3079: 'ipmi',
  4224: 'crypto',
  4353: 'counters',
  4480: 'signal',
  4608: 'accelerator',
  4864: 'dummy',
};

/** Kind and name of a function that is no bridge, by its class code; by its name where the source has no class. */
export function kindOf(fn: ObservedFunction, parts: PartIndex): KindAndName {
  if (fn.classCode === undefined) return kindByName(fn, parts);
  const baseClass = fn.classCode >>> 16;
  const code = (fn.classCode >>> 8) & 0xffff;
  const vendor = fn.vendorId;
  const made = (kind: ComponentKind, base: string): KindAndName => ({ kind, base, byName: false });
  if (vendor !== undefined && fpgaVendors.has(vendor)) return made('fpga', 'fpga');
  if (baseClass === 0x03) {
    return vendor !== undefined && consoleVendors.has(vendor) ? made('device', 'vga') : made('gpu', 'gpu');
  }
  // Accelerators of AMD's Instinct line have no display and say so by their class.
  if (code === 0x1200 && (vendor === 0x1002 || vendor === nvidia)) return made('gpu', 'gpu');
  // Accelerators of others are what the catalogue says of them: their class does not tell a GPU from an FPGA.
  if (baseClass === 0x12) {
    const kind = kindOfId(parts, vendor, fn.deviceId);
    if (kind === 'gpu' || kind === 'fpga') return made(kind, kind);
  }
  if (code === 0x0680 && vendor === nvidia) return made('nvswitch', 'nvs');
  if (baseClass === 0x02) return made('nic', 'nic');
  if (code === 0x0108) return made('nvme', 'nvme');
  if (code === 0x0106) return made('sata', 'sata');
  return made('device', names[code] ?? 'dev');
}

const byWords: readonly (readonly [RegExp, ComponentKind, string])[] = [
  [/\b(?:Root Complex|Host Bridge|Data Fabric)\b/i, 'device', 'host-bridge'],
  [/\bNVSwitch\b/i, 'nvswitch', 'nvs'],
  [/\b(?:NVMe|SSD Controller|SSD)\b/i, 'nvme', 'nvme'],
  [/\bHigh Definition Audio\b/, 'device', 'audio'],
  [/\b(?:GeForce|Quadro|Tesla|Radeon|Instinct|FirePro|NVIDIA.*\[(?:RTX|GTX|[A-Z]{1,2}\d{2,3}\b).*\])/, 'gpu', 'gpu'],
  [/\b(?:Ethernet|ConnectX|Infini[Bb]and|Slingshot|Omni-Path|Network Connection)\b/, 'nic', 'nic'],
  [/\b(?:AHCI|SATA)\b/, 'sata', 'sata'],
  [/\bUSB\b/, 'device', 'usb'],
  [/\bSMBus\b/, 'device', 'smbus'],
  [/\bLPC\b/, 'device', 'lpc'],
  [/\bIOMMU\b/, 'device', 'iommu'],
  [/\bAudio\b/i, 'device', 'audio'],
  [/\bASPEED\b/, 'device', 'vga'],
];

function kindByName(fn: ObservedFunction, parts: PartIndex): KindAndName {
  const part = partOfDeviceName(parts, fn.deviceName);
  if (part !== null && part.kind !== 'interconnect') return { kind: part.kind, base: part.kind, byName: true };
  const found = byWords.find(([words]) => words.test(fn.deviceName ?? ''));
  if (found !== undefined) return { kind: found[1], base: found[2], byName: true };
  return { kind: 'device', base: 'dev', byName: fn.deviceName !== undefined };
}
