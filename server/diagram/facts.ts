import { linkLabel } from '../../model/link/generation.ts';
import { type Component, componentAt, type Machine } from '../../model/machine.ts';
import { formatBytes, formatHex, formatRate, formatSeconds } from '../../model/quantity.ts';

type Fact = readonly [label: string, value: string];

/** What a person reads when pointing at a component: only what is known. Links are drawn, and say their own. */
export function factsOf(machine: Machine, component: Component): readonly Fact[] {
  // These two are about others as well.
  const around = [portsOf(machine, component), passedTo(machine, component)].filter((fact) => fact !== null);
  const own = ownFacts(component);
  return around.length === 0 ? own : [...own, ...around];
}

const kept = new WeakMap<Component, readonly Fact[]>();

/** What a component says of itself, made once: while a text is typed most components stay what they are. */
function ownFacts(component: Component): readonly Fact[] {
  const known = kept.get(component);
  if (known !== undefined) return known;
  const { settings } = component;
  const facts: (Fact | null)[] = [
    component.parts.length === 0 ? null : ['Part', component.parts.join(' : ')],
    identity(component),
    slotOf(component),
    settings.memoryBytes === undefined ? null : ['Memory', memoryOf(component)],
    given('Cores', settings.cores, String),
    given('VRAM', settings.vramBytes, size),
    given('Capacity', settings.capacityBytes, size),
    given('Reads', settings.readBytesPerSecond, formatRate),
    given('Writes', settings.writeBytesPerSecond, formatRate),
    given('Line rate', settings.lineRateBytesPerSecond, formatRate),
    given('Driver', settings.driver, String),
    given('Copy engines', settings.copyEngines, String),
    given('Latency', settings.latencySeconds, formatSeconds),
    given('Retimers', settings.retimers, String),
    barsOf(component),
    component.sriov === null ? null : ['Virtual functions', sriovOf(component)],
  ];
  const made = facts.filter((fact) => fact !== null);
  kept.set(component, made);
  return made;
}

function given<T>(label: string, value: T | undefined, text: (value: T) => string): Fact | null {
  return value === undefined ? null : [label, text(value)];
}

/** Powers of 1024 where it is a round number of them; else of 1000, as drives are sold. */
function size(bytes: number): string {
  if (bytes < 1e9 || bytes % 2 ** 28 === 0) return formatBytes(bytes);
  const [unit, count] = bytes >= 1e12 ? ['TB', bytes / 1e12] : ['GB', bytes / 1e9];
  return `${Number(count.toPrecision(4))} ${unit}`;
}

function identity({ settings: { vendorId, deviceId } }: Component): Fact | null {
  if (vendorId === undefined || deviceId === undefined) return null;
  return ['PCI ID', `${formatHex(vendorId, 4).slice(2)}:${formatHex(deviceId, 4).slice(2)}`];
}

function memoryOf({ settings: { memoryBytes, memoryBytesPerSecond } }: Component): string {
  const bytes = memoryBytes === undefined ? '' : size(memoryBytes);
  return memoryBytesPerSecond === undefined ? bytes : `${bytes} at ${formatRate(memoryBytesPerSecond)}`;
}

/** What the port or the connector itself can do, apart from what is plugged in. */
function slotOf({ settings }: Component): Fact | null {
  const { generation, lanes, slotLanes, wiredLanes, channelGeneration, forcedGeneration, forcedLanes } = settings;
  const words = [
    generation === undefined || lanes === undefined ? '' : linkLabel({ generation, lanes }),
    slotLanes === undefined ? '' : `slot x${slotLanes}`,
    wiredLanes === undefined ? '' : `wired x${wiredLanes}`,
    channelGeneration === undefined ? '' : `channel Gen${channelGeneration}`,
    forcedGeneration === undefined ? '' : `forced to Gen${forcedGeneration}`,
    forcedLanes === undefined ? '' : `forced to x${forcedLanes}`,
  ].filter((word) => word !== '');
  return words.length === 0 ? null : ['Can do', words.join(', ')];
}

function barsOf({ bars }: Component): Fact | null {
  if (bars.length === 0) return null;
  const names = bars.map((bar) => `${bar.kind === 'rom' ? 'ROM' : `BAR${bar.index}`} ${formatBytes(bar.bytes)}`);
  return ['Address space', names.join(', ')];
}

function sriovOf({ sriov }: Component): string {
  if (sriov === null) return '';
  return `${sriov.enabledVfs} of ${sriov.totalVfs}`;
}

function portsOf(machine: Machine, component: Component): Fact | null {
  const ports = component.children
    .map((id) => componentAt(machine, id))
    .filter((child) => child.kind === 'port' || child.kind === 'root-port');
  if (ports.length === 0) return null;
  return ['Ports', `${ports.length}, ${ports.filter((port) => port.children.length > 0).length} in use`];
}

function passedTo(machine: Machine, component: Component): Fact | null {
  const guest = machine.virtualMachines.find((each) => each.devices.includes(component.id));
  return guest === undefined ? null : ['Passed through to', guest.name];
}
