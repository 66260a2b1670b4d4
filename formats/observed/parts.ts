import type { Bar, DeviceFunction, SriovCapability } from '../../model/address.ts';
import type { AcsBit, AcsSetting, ComponentKind, ComponentSettings } from '../../model/machine.ts';

/** A part of the catalogue, read to the end, as importers need it. */
export interface KnownPart {
  readonly name: string;
  readonly kind: ComponentKind | 'interconnect';
  /** Its own name, then what it inherits from. */
  readonly chain: readonly string[];
  readonly settings: Readonly<ComponentSettings>;
  /** False where the part is known to have another ID (`10de:20b5`) before it is read. */
  canHaveId?(id: string): boolean;
  readonly acs: AcsSetting;
  readonly acsCapability: readonly AcsBit[] | null;
  readonly bars: readonly Bar[];
  readonly sriov: SriovCapability | null;
  readonly functions: readonly DeviceFunction[];
}

/** The parts that an import may name. */
export type PartIndex = readonly KnownPart[];

/** What was observed of a device, as far as it tells parts with the same IDs apart. */
export interface SeenOfDevice {
  readonly settings: Readonly<ComponentSettings>;
  readonly bars: readonly Bar[];
}

/**
 * The part of this kind with these IDs. Several parts may have them, because an ID names a chip and not what a maker built
 * around it: subsystem, memory and link decide where they can. Where they cannot, it is the series that all of them inherit
 * from, which says no more than what holds for each. Null where there is no part, or no such series.
 */
export function partOfId(parts: PartIndex, kind: ComponentKind, seen: SeenOfDevice): KnownPart | null {
  const { vendorId, deviceId } = seen.settings;
  if (vendorId === undefined || deviceId === undefined) return null;
  const found = withId(parts, vendorId, deviceId, kind);
  if (found.length < 2) return found[0] ?? null;
  const series = found.find((one) => found.every((other) => other.chain.includes(one.name))) ?? null;
  const models = found.filter((one) => !found.some((other) => other !== one && other.chain.includes(one.name)));
  const told = models.filter((one) => !contradicts(one, seen) && isTold(one, seen));
  return told.length === 1 ? (told[0] ?? null) : series;
}

/** The part with these IDs, of whatever kind, where there is only one kind. */
export function kindOfId(
  parts: PartIndex,
  vendorId: number | undefined,
  deviceId: number | undefined,
): KnownPart['kind'] | null {
  if (vendorId === undefined || deviceId === undefined) return null;
  const kinds = new Set(withId(parts, vendorId, deviceId).map((part) => part.kind));
  const [kind] = kinds;
  return kinds.size === 1 ? (kind ?? null) : null;
}

function withId(parts: PartIndex, vendorId: number, deviceId: number, kind?: ComponentKind): KnownPart[] {
  const id = [vendorId, deviceId].map((one) => one.toString(16).padStart(4, '0')).join(':');
  return parts.filter(
    (part) =>
      (kind === undefined || part.kind === kind) &&
      part.canHaveId?.(id) !== false &&
      part.settings.vendorId === vendorId &&
      part.settings.deviceId === deviceId,
  );
}

/** Memory that a tool reports lies a little below that of the data sheet: some is kept for error correction. */
const leastShareOfMemory = 0.85;

/** GPUs without a large BAR show their memory through a window of this size, or a smaller one. */
const windowBytes = 256 * 2 ** 20;

/** Whether something seen tells this model from the others of its series. */
function isTold(model: KnownPart, { settings, bars }: SeenOfDevice): boolean {
  const { subsystemVendorId, subsystemDeviceId, vramBytes } = model.settings;
  if (subsystemDeviceId !== undefined) {
    return subsystemVendorId === settings.subsystemVendorId && subsystemDeviceId === settings.subsystemDeviceId;
  }
  return vramBytes !== undefined && (settings.vramBytes !== undefined || memoryBar(model, bars) !== undefined);
}

/** Whether something seen rules this model out: another subsystem, other memory, a link that it does not have. */
function contradicts(model: KnownPart, { settings, bars }: SeenOfDevice): boolean {
  const own = model.settings;
  if (
    own.subsystemDeviceId !== undefined &&
    settings.subsystemDeviceId !== undefined &&
    (own.subsystemVendorId !== settings.subsystemVendorId || own.subsystemDeviceId !== settings.subsystemDeviceId)
  )
    return true;
  if (own.lanes !== undefined && settings.lanes !== undefined && own.lanes !== settings.lanes) return true;
  if (own.generation !== undefined && settings.generation !== undefined && own.generation !== settings.generation)
    return true;
  if (own.vramBytes === undefined) return false;
  if (settings.vramBytes !== undefined)
    return settings.vramBytes > own.vramBytes || settings.vramBytes < own.vramBytes * leastShareOfMemory;
  const bar = memoryBar(model, bars);
  return bar !== undefined && bar !== 2 ** Math.ceil(Math.log2(own.vramBytes));
}

/** Size of the BAR that shows all of the memory, at most; undefined where there is only a window. */
function memoryBar({ settings }: KnownPart, bars: readonly Bar[]): number | undefined {
  const bar = bars.find((one) => one.index === settings.vramBar);
  if (bar === undefined) return undefined;
  const bytes = bar.resizable?.maximumBytes ?? bar.bytes;
  return bytes > windowBytes ? bytes : undefined;
}

/**
 * The processor with this name, as the system calls it: `AMD EPYC 7742 64-Core Processor` is epyc-7742. Every word of the
 * part's name must be one of the system's; of several parts the one with the most words. `v4` makes another processor.
 */
export function partOfProcessor(parts: PartIndex, cpuName: string | undefined): KnownPart | null {
  if (cpuName === undefined) return null;
  const words = wordsOf(cpuName.replace(/\((?:R|TM)\)/gi, ' '));
  const version = words.find(isVersion);
  const found = parts
    .filter((part) => part.kind === 'socket')
    .map((part) => ({ part, own: wordsOf(part.name) }))
    .filter(({ own }) => own.every((word) => words.includes(word)) && own.find(isVersion) === version)
    .sort((a, b) => b.own.length - a.own.length);
  const [best, next] = found;
  return best === undefined || best.own.length === next?.own.length ? null : best.part;
}

const isVersion = (word: string) => /^v\d$/.test(word);

/** Words of a line of products that its parts leave out. */
const makersWords: ReadonlySet<string> = new Set(['geforce', 'instinct', 'tesla']);

/**
 * The device that a name without numbers means: `GA100 [A100 SXM4 40GB]` is a100-sxm-40gb. Every word of the name in
 * brackets must be one of the part's; a digit more at its end (SXM4) does not matter. A chip is no card: where the name is
 * that of a series as well, it is the series.
 */
export function partOfDeviceName(parts: PartIndex, deviceName: string | undefined): KnownPart | null {
  const bracket = /\[([^\]]+)\]\s*$/.exec(deviceName ?? '')?.[1];
  if (bracket === undefined) return null;
  const words = wordsOf(bracket).filter((word) => !makersWords.has(word));
  const found = parts.filter((part) => {
    if (part.kind === 'interconnect' || part.kind === 'socket') return false;
    const own = wordsOf(part.name);
    return own.length === words.length && own.every((word, at) => new RegExp(`^${word}\\d?$`).test(words[at] ?? ''));
  });
  const [part, another] = found;
  if (part === undefined || another !== undefined) return null;
  return parts.find((one) => one.name === `${part.name}-series` && part.chain.includes(one.name)) ?? part;
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
