import type { Bar, DeviceFunction, SriovCapability } from '../../model/address.ts';
import type { AcsBit, AcsSetting, ComponentKind, ComponentSettings } from '../../model/machine.ts';

/** A part of the catalogue, read to the end, as importers need it. */
export interface KnownPart {
  readonly name: string;
  readonly kind: ComponentKind | 'interconnect';
  /** Its own name, then what it inherits from. */
  readonly chain: readonly string[];
  readonly settings: Readonly<ComponentSettings>;
  readonly acs: AcsSetting;
  readonly acsCapability: readonly AcsBit[] | null;
  readonly bars: readonly Bar[];
  readonly sriov: SriovCapability | null;
  readonly functions: readonly DeviceFunction[];
}

/** The parts that an import may name. */
export type PartIndex = readonly KnownPart[];

/** The part of this kind with these IDs, or null where there is none or several. */
export function partOfId(
  parts: PartIndex,
  kind: ComponentKind,
  vendorId: number | undefined,
  deviceId: number | undefined,
): KnownPart | null {
  if (vendorId === undefined || deviceId === undefined) return null;
  const found = parts.filter(
    (part) => part.kind === kind && part.settings.vendorId === vendorId && part.settings.deviceId === deviceId,
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** The processor with this name, as the system calls it: `AMD EPYC 7742 64-Core Processor` is epyc-7742. */
export function partOfProcessor(parts: PartIndex, cpuName: string | undefined): KnownPart | null {
  if (cpuName === undefined) return null;
  const words = wordsOf(cpuName.replace(/\((?:R|TM)\)/gi, ' '));
  const found = parts.filter(
    (part) => part.kind === 'socket' && wordsOf(part.name).every((word) => words.includes(word)),
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}

/**
 * The device that a name without numbers means: `GA100 [A100 SXM4 40GB]` is a100-sxm-40gb. Every word of the name in
 * brackets must be one of the part's; a digit more at its end (SXM4) does not matter.
 */
export function partOfDeviceName(parts: PartIndex, deviceName: string | undefined): KnownPart | null {
  const bracket = /\[([^\]]+)\]\s*$/.exec(deviceName ?? '')?.[1];
  if (bracket === undefined) return null;
  const words = wordsOf(bracket).filter((word) => word !== 'geforce' && word !== 'instinct');
  const found = parts.filter((part) => {
    if (part.kind === 'interconnect' || part.kind === 'socket') return false;
    const own = wordsOf(part.name);
    return own.length === words.length && own.every((word, at) => new RegExp(`^${word}\\d?$`).test(words[at] ?? ''));
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
