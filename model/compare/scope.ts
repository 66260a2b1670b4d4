import type { Component, ComponentKind, Machine } from '../machine.ts';

/** What a description of a machine speaks of. What it does not speak of, it cannot lack. */
export interface Scope {
  /** Kinds of devices that it lists to the last; null: all. */
  readonly kinds: ReadonlySet<ComponentKind> | null;
  /** Devices that it lists to the last whatever their kind, as `identityOf` has them. */
  readonly identities: ReadonlySet<string>;
  /** It shows what devices stand below. */
  readonly places: boolean;
  /** It lists ports and switches with nothing below. */
  readonly emptyPorts: boolean;
  /** It lists sockets with nothing below. */
  readonly emptySockets: boolean;
  /** What it says of links: what they run at, as a state or as a rate alone; what their ends are capable of; nothing. */
  readonly links: 'state' | 'rate' | 'capability' | 'nothing';
  /** It says how large BARs are. */
  readonly bars: boolean;
}

/** A description that leaves nothing out: a text beside another text. */
export const everything: Scope = {
  kinds: null,
  identities: new Set(),
  places: true,
  emptyPorts: true,
  emptySockets: true,
  links: 'state',
  bars: true,
};

/** A machine with what its description speaks of. */
export interface Description {
  readonly machine: Machine;
  /** Written by somebody, where others are what a machine says of itself. */
  readonly isText: boolean;
  readonly scope: Scope;
}

/** What two descriptions speak of: a text leaves nothing out beside another text, and the usual beside a machine's account. */
export function scopesOf(one: Description, other: Description): readonly [Scope, Scope] {
  return one.isText && other.isText ? [everything, everything] : [one.scope, other.scope];
}

/** What nobody lists in a design who does not mean to list all of it: functions of the chipset, bridges, NVSwitches. */
const incidental: readonly ComponentKind[] = ['device', 'sata', 'nvswitch', 'bridge'];
const usual: readonly ComponentKind[] = ['gpu', 'nvme', 'nic', 'fpga'];

/**
 * What a text speaks of beside what a machine says of itself. A text without any device of an incidental kind, or without any
 * empty port, does not say that there are none.
 */
export function scopeOfText(machine: Machine): Scope {
  const present = new Set(machine.components.map(({ kind }) => kind));
  const isEmptyPort = ({ kind, children }: Component) =>
    (kind === 'root-port' || kind === 'port') && children.length === 0;
  return {
    ...everything,
    kinds: new Set([...usual, ...incidental.filter((kind) => present.has(kind))]),
    emptyPorts: machine.components.some(isEmptyPort),
  };
}

/** True where a description of this scope would list a device if it were there. */
export function isListed({ kinds, identities }: Scope, { kind }: Component, identity: string | null): boolean {
  return kinds === null || kinds.has(kind) || (identity !== null && identities.has(identity));
}
