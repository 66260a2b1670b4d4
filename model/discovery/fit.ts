import type { Aperture } from '../address.ts';
import type { Component, LinuxSettings, Machine } from '../machine.ts';
import { formatBytes } from '../quantity.ts';
import { enumerate } from './enumerate.ts';
import type { FirmwareProfile } from './topology.ts';

/** One change after which every memory BAR has an address. */
export interface FitChange {
  readonly kind: 'kernel-parameter' | 'firmware' | 'resizable-bar' | 'virtual-functions' | 'window';
  /** What makes it fit: the end of `It fits with …`. */
  readonly sentence: string;
  /** To be copied: a word of the kernel's command line or a setting of the firmware; null for a change of a device. */
  readonly text: string | null;
}

const gibibyte = 2 ** 30;
const mebibyte = 2 ** 20;
/** Windows that are looked at: 46-bit physical addresses above 4 GiB, what a 32-bit address leaves beside 1 GiB of memory. */
const largestBytes = { high: 2 ** 46, low: 3 * gibibyte } as const;
const grains = { high: gibibyte, low: 16 * mebibyte } as const;
/** Beyond so many components the least size is not looked for, only the next power of two. */
const mostToRefine = 512;

/**
 * The single changes that give every memory BAR an address, the smallest first: a word of the kernel's command line, a
 * setting of the firmware, smaller resizable BARs, fewer virtual functions, a larger window. Each is tried by discovery
 * itself. Empty where everything fits already, and where no single change suffices. I/O does not count: drivers do without.
 */
export function changesThatFit(machine: Machine, firmware: FirmwareProfile = 'linux'): FitChange[] {
  const unplaced = withoutAddress(machine, firmware);
  if (unplaced.length === 0) return [];
  const fits = (changed: Machine) => withoutAddress(changed, firmware).length === 0;
  return [
    ...kernelParameters(machine)
      .filter(([, changed]) => fits(changed))
      .map(([change]) => change),
    ...firmwareSettings(machine)
      .filter(([, changed]) => fits(changed))
      .map(([change]) => change),
    ...smallerBars(machine, fits),
    ...fewerVirtualFunctions(machine, new Set(unplaced.map(({ component }) => component)), fits),
    ...largerWindows(machine, fits),
  ];
}

function withoutAddress(machine: Machine, firmware: FirmwareProfile) {
  const { devices, unassigned } = enumerate(machine, { firmware });
  const io = new Set(
    devices.flatMap(({ bdf, bars }) => bars.filter((bar) => bar.kind === 'io').map((bar) => `${bdf} ${bar.index}`)),
  );
  return unassigned.filter(({ bdf, bar, bytes }) => bytes > 0 && !io.has(`${bdf} ${bar}`));
}

type Candidate = readonly [change: FitChange, changed: Machine];

function kernelParameters(machine: Machine): Candidate[] {
  const { linux } = machine;
  const made = (word: string, what: string, change: Partial<LinuxSettings>): Candidate => [
    { kind: 'kernel-parameter', sentence: `pci=${word} (${what})`, text: `pci=${word}` },
    { ...machine, linux: { ...linux, ...change } },
  ];
  const found: Candidate[] = [];
  if (linux.realloc !== true) found.push(made('realloc', 'the kernel sizes windows anew', { realloc: true }));
  if (linux.realloc !== false) {
    found.push(made('realloc=off', 'what may fail does not take the room of what must be', { realloc: false }));
  }
  if (machine.components.some(({ settings }) => settings.hotplug === true)) {
    const nothing = { hotplugMemoryBytes: 0, hotplugPrefetchableBytes: 0 };
    found.push(made('hpmemsize=0', 'hot-plug ports keep no memory', nothing));
  }
  return found;
}

function firmwareSettings(machine: Machine): Candidate[] {
  const { firmware } = machine;
  const made = (text: string, change: Partial<Machine['firmware']>): Candidate => [
    { kind: 'firmware', sentence: `the firmware setting “${text}”`, text },
    { ...machine, firmware: { ...firmware, ...change } },
  ];
  const found: Candidate[] = [];
  if (firmware.above4g === false) found.push(made('Above 4G Decoding: enabled', { above4g: true }));
  if (firmware.resizableBar === true) found.push(made('Resizable BAR: disabled', { resizableBar: false }));
  return found;
}

/** The largest size that all resizable BARs may have at most. */
function smallerBars(machine: Machine, fits: (changed: Machine) => boolean): FitChange[] {
  const resizable = machine.components.flatMap(({ name, bars }) =>
    bars.filter((bar) => bar.resizable !== null).map((bar) => ({ name, bar })),
  );
  const isLargest = machine.firmware.resizableBar === true;
  const bytesNow = (bar: Component['bars'][number]) => (isLargest ? (bar.resizable?.maximumBytes ?? 0) : bar.bytes);
  const least = Math.min(...resizable.map(({ bar }) => bar.resizable?.minimumBytes ?? bar.bytes));
  const largest = Math.max(0, ...resizable.map(({ bar }) => bytesNow(bar)));
  for (let cap = largest / 2; cap >= least; cap /= 2) {
    const changed = withComponents(machine, (component) => ({
      ...component,
      bars: component.bars.map((bar) => {
        if (bar.resizable === null || bytesNow(bar) <= cap) return bar;
        const bytes = Math.max(cap, bar.resizable.minimumBytes);
        return { ...bar, bytes, resizable: { ...bar.resizable, maximumBytes: bytes } };
      }),
    }));
    if (!fits(changed)) continue;
    const smaller = resizable.filter(({ bar }) => bytesNow(bar) > cap);
    const names = smaller.map(({ name, bar }) => `BAR ${bar.index} of ${name}`).join(', ');
    return [{ kind: 'resizable-bar', sentence: `${formatBytes(cap)} for ${names}`, text: null }];
  }
  return [];
}

/** The most virtual functions that the devices without room for theirs may have. */
function fewerVirtualFunctions(
  machine: Machine,
  failing: ReadonlySet<number>,
  fits: (changed: Machine) => boolean,
): FitChange[] {
  const devices = machine.components.filter(({ sriov }) => (sriov?.totalVfs ?? 0) > 0);
  const without = devices.filter(({ id }) => failing.has(id));
  const [first] = without;
  if (first === undefined) return [];
  const most = Math.max(...without.map(({ sriov }) => sriov?.totalVfs ?? 0));
  const withAtMost = (count: number): Machine =>
    withComponents(machine, (component) =>
      failing.has(component.id) && component.sriov !== null
        ? {
            ...component,
            sriov: {
              ...component.sriov,
              totalVfs: Math.min(component.sriov.totalVfs, count),
              enabledVfs: Math.min(component.sriov.enabledVfs, count),
            },
          }
        : component,
    );
  if (!fits(withAtMost(0))) return [];
  const count = lastThat((one) => fits(withAtMost(one)), 0, most);
  const names = without.map(({ name }) => name).join(', ');
  const sentence = count === 0 ? `no virtual functions of ${names}` : `${count} virtual functions of ${names}`;
  return [{ kind: 'virtual-functions', sentence, text: null }];
}

/** A larger window above or below 4 GiB, of every host bridge that has one stated. */
function largerWindows(machine: Machine, fits: (changed: Machine) => boolean): FitChange[] {
  const found: FitChange[] = [];
  for (const sort of ['high', 'low'] as const) {
    const isOfSort = (one: Aperture) => one.kind !== 'io' && one.below4g === (sort === 'low');
    const stated = [...machine.firmware.apertures, ...machine.components.flatMap(({ apertures }) => apertures)];
    const now = Math.max(0, ...stated.filter(isOfSort).map(({ bytes }) => Number(bytes)));
    if (now === 0) continue;
    // A window below 4 GiB with a base grows downwards: where it ends is what stands above it.
    const grown = (one: Aperture, bytes: number): Aperture =>
      !isOfSort(one) || Number(one.bytes) >= bytes
        ? one
        : { ...one, bytes: BigInt(bytes), base: sort === 'low' ? null : one.base };
    const withBytes = (bytes: number): Machine => ({
      ...withComponents(machine, (component) =>
        component.apertures.length === 0
          ? component
          : { ...component, apertures: component.apertures.map((one) => grown(one, bytes)) },
      ),
      firmware: { ...machine.firmware, apertures: machine.firmware.apertures.map((one) => grown(one, bytes)) },
    });
    let bytes = now;
    do bytes = Math.min(2 * bytes, largestBytes[sort]);
    while (!fits(withBytes(bytes)) && bytes < largestBytes[sort]);
    if (bytes <= now || !fits(withBytes(bytes))) continue;
    const grain = grains[sort];
    if (machine.components.length <= mostToRefine && bytes > 2 * grain) {
      const most = Math.ceil(bytes / grain);
      const least = Math.floor(Math.max(now, bytes / 2) / grain);
      const spared = lastThat((one) => fits(withBytes((most - one) * grain)), 0, most - least);
      bytes = Math.min(bytes, (most - spared) * grain);
    }
    const where = sort === 'high' ? 'above' : 'below';
    const text = `MMIO ${where} 4 GiB: ${formatBytes(bytes)}`;
    const sentence = `a window of ${formatBytes(bytes)} ${where} 4 GiB instead of ${formatBytes(now)}`;
    found.push({ kind: 'window', sentence, text });
  }
  return found;
}

const withComponents = (machine: Machine, change: (component: Component) => Component): Machine => ({
  ...machine,
  components: machine.components.map(change),
});

/** The last whole number of a range that something holds for, where it holds for the first and up to some number. */
function lastThat(holds: (value: number) => boolean, first: number, last: number): number {
  let [good, bad] = [first, last + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
