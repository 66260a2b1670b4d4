import { effectiveAcs } from '../isolation/acs.ts';
import { rawBytesPerSecond } from '../link/generation.ts';
import { type Component, componentAt, type LinkState, type Machine, type SettingName } from '../machine.ts';
import { identityOf, matchMachines } from './match.ts';
import { everything, type Scope } from './scope.ts';

export type ChangeValue = string | number | boolean | null | readonly string[];

/** One difference between two machines. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'moved' | 'changed';
  /** Qualified name: in the first machine, or in the second for what was added. */
  readonly subject: string;
  /** `link.width`, `acs`, `bar1.bytes`, `port`; null for what was added or removed as a whole. */
  readonly property: string | null;
  readonly before: ChangeValue;
  readonly after: ChangeValue;
}

/** Settings that are compared where both machines say them, under the names that changes give them. */
const compared: readonly (readonly [property: string, setting: SettingName])[] = [
  ['numaNode', 'numaNode'],
  ['maxPayloadBytes', 'maxPayloadBytes'],
  ['maxReadRequestBytes', 'maxReadRequestBytes'],
  ['vramBytes', 'vramBytes'],
  ['memoryBytes', 'memoryBytes'],
  ['driver', 'driver'],
  ['relaxedOrdering', 'relaxedOrdering'],
  ['ats', 'ats'],
  ['atsCacheEntries', 'atsCacheEntries'],
  ['ioTlbEntries', 'ioTlbEntries'],
  ['pageWalks', 'pageWalks'],
  ['forwardsPeerReads', 'forwardsPeerReads'],
  ['forwardsPeerWrites', 'forwardsPeerWrites'],
];

/**
 * How a second machine differs from a first, by structure: what is gone, new or elsewhere, links that run otherwise, ACS,
 * BARs, and settings that both say. What one of the two does not say is no difference.
 *
 * @param scopes what each of the two descriptions speaks of; all where they are texts
 */
export function compareMachines(
  first: Machine,
  second: Machine,
  scopes: readonly [Scope, Scope] = [everything, everything],
): Change[] {
  const { pairs, moved, removed, added } = matchMachines(first, second, scopes);
  const changes: Change[] = [];
  for (const id of removed) changes.push(whole('removed', componentAt(first, id)));
  for (const id of added) changes.push(whole('added', componentAt(second, id)));
  for (const [a, b] of [...pairs].sort((x, y) => x[0] - y[0])) {
    const [one, other] = [componentAt(first, a), componentAt(second, b)];
    const change = (property: string, before: ChangeValue, after: ChangeValue) => {
      if (JSON.stringify(before) !== JSON.stringify(after)) {
        changes.push({ kind: 'changed', subject: one.name, property, before, after });
      }
    };
    if (moved.has(a)) {
      const parents = [parentName(first, one), parentName(second, other)] as const;
      changes.push({ kind: 'moved', subject: one.name, property: 'port', before: parents[0], after: parents[1] });
    }
    compareLinks([first, second], [one, other], scopes, change);
    compareAcs([first, second], [one, other], change);
    if (scopes.every(({ bars }) => bars)) compareBars(one, other, change);
    for (const [property, setting] of compared) {
      const [before, after] = [one.settings[setting], other.settings[setting]];
      if (isPlain(before) && isPlain(after)) change(property, before, after);
    }
  }
  compareLinux(first, second, changes);
  return changes;
}

type Both<T> = readonly [T, T];
type Report = (property: string, before: ChangeValue, after: ChangeValue) => void;

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const whole = (kind: 'added' | 'removed', component: Component): Change => {
  const what = component.parts[0] ?? identityText(component) ?? component.kind;
  const [before, after] = kind === 'removed' ? [what, null] : [null, what];
  return { kind, subject: component.name, property: null, before, after };
};

function identityText(component: Component): string | null {
  const { vendorId, deviceId } = component.settings;
  if (vendorId === undefined || deviceId === undefined) return identityOf(component);
  return [vendorId, deviceId].map((id) => id.toString(16).padStart(4, '0')).join(':');
}

function parentName(machine: Machine, { parent }: Component): string | null {
  return parent === null ? null : componentAt(machine, parent).name;
}

/**
 * A link that was read while its device slept says nothing about its speed: GPUs lower it when idle. What one side knows as
 * a rate, or as what both ends could do, is compared as such.
 */
function compareLinks(
  machines: Both<Machine>,
  [one, other]: Both<Component>,
  scopes: Both<Scope>,
  change: Report,
): void {
  const said = scopes.map(({ links }) => links);
  if (said.includes('nothing')) return;
  const what = said.includes('capability') ? 'capable' : 'trained';
  const [before, after] = [linkState(machines[0], one, what), linkState(machines[1], other, what)];
  if (before === null || after === null) return;
  const idle = one.settings.trainedIdle === true || other.settings.trainedIdle === true;
  if (said.includes('rate')) {
    const rates = [before, after].map(({ generation, lanes }) => rawBytesPerSecond(generation, lanes)) as [
      number,
      number,
    ];
    if (idle || Math.abs(rates[0] - rates[1]) <= rateTolerance * rates[0]) return;
  }
  if (!idle) change('link.generation', before.generation, after.generation);
  change('link.width', before.lanes, after.lanes);
}

/** Rates are printed with few digits. */
const rateTolerance = 0.02;

function linkState(machine: Machine, { id }: Component, what: 'trained' | 'capable'): LinkState | null {
  const link = machine.links[machine.linkAbove[id] ?? -1];
  return link === undefined ? null : link[what];
}

function compareAcs(machines: Both<Machine>, both: Both<Component>, change: Report): void {
  const [before, after] = both.map((component, side) => {
    const isPort = component.kind === 'root-port' || component.kind === 'port';
    const machine = machines[side === 0 ? 0 : 1];
    return isPort && isAcsKnown(machine, component) ? effectiveAcs(machine, component.id).control : null;
  });
  if (before != null && after != null) change('acs', before, after);
}

/** ACS is known where the text says it, or says the mode of the IOMMU, by which the kernel sets it where it can. */
function isAcsKnown(machine: Machine, component: Component): boolean {
  return component.acs !== 'default' || (machine.linux.iommu !== undefined && machine.linux.iommu !== 'off');
}

function compareBars(one: Component, other: Component, change: Report): void {
  for (const bar of one.bars) {
    const same = other.bars.find(({ index }) => index === bar.index);
    if (same !== undefined) change(`bar${bar.index}.bytes`, bar.bytes, same.bytes);
    else if (other.bars.length > 0) change(`bar${bar.index}.bytes`, bar.bytes, null);
  }
}

function compareLinux(first: Machine, second: Machine, changes: Change[]): void {
  const settings: readonly (readonly [string, (machine: Machine) => ChangeValue | undefined])[] = [
    ['iommu', ({ linux }) => linux.iommu],
    ['invalidation', ({ linux }) => linux.invalidation],
    ['kernel', ({ linux }) => linux.version],
    ['above4g', ({ firmware }) => firmware.above4g],
    ['resizableBar', ({ firmware }) => firmware.resizableBar],
  ];
  for (const [property, read] of settings) {
    const [before, after] = [read(first), read(second)];
    if (before === undefined || after === undefined || before === after) continue;
    changes.push({ kind: 'changed', subject: first.name, property, before, after });
  }
}
