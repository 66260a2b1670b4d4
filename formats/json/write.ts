import type { Bar, DeviceFunction } from '../../model/address.ts';
import { enumerate } from '../../model/discovery/enumerate.ts';
import { rawBytesPerSecond } from '../../model/link/generation.ts';
import {
  type AcsBit,
  type AcsSetting,
  type Component,
  type ComponentKind,
  type ComponentSettings,
  type Connection,
  componentAt,
  type Link,
  type LinkState,
  type Machine,
} from '../../model/machine.ts';
import type { Exported } from '../exported.ts';

/**
 * A machine as plain data for other programs. Names are qualified names, quantities plain numbers in SI units with the unit in
 * the field's name, addresses hexadecimal text. What the machine does not say is absent from `settings`; other fields are
 * always there. A field may be added; none changes its meaning without a new `version`.
 */
export interface MachineJson {
  readonly format: 'pcie-topology-machine';
  readonly version: 1;
  readonly machine: string;
  readonly components: readonly ComponentJson[];
  readonly links: readonly LinkJson[];
  readonly connections: readonly ConnectionJson[];
  /** What firmware and kernel are told; absent fields are their defaults. */
  readonly firmware: object;
  readonly linux: object;
  readonly virtualMachines: readonly { readonly name: string; readonly devices: readonly string[] }[];
  readonly partitions: readonly {
    readonly name: string;
    readonly switch: string;
    readonly ports: readonly string[];
    readonly upstream: string | null;
  }[];
}

/** A parent comes before its children. */
export interface ComponentJson {
  readonly name: string;
  readonly kind: ComponentKind;
  /** The part used, then the parts it inherits from. */
  readonly parts: readonly string[];
  readonly parent: string | null;
  /** Address after discovery under Linux, or null where there is none. */
  readonly bdf: string | null;
  readonly settings: ComponentSettings;
  readonly unknown: readonly string[];
  readonly acs: AcsSetting;
  readonly acsCapability: readonly AcsBit[] | null;
  readonly bars: readonly Bar[];
  readonly sriov: object | null;
  readonly functions: readonly DeviceFunction[];
  readonly subunits: readonly object[];
  readonly apertures: readonly object[];
}

export interface LinkJson {
  readonly name: string;
  readonly kind: Link['kind'];
  readonly port: string;
  /** Null: an empty slot. */
  readonly device: string | null;
  readonly trained: LinkState;
  readonly capable: LinkState;
  readonly limitedBy: Link['limitedBy'];
  readonly limitedAt: string | null;
  readonly maxPayloadBytes: number;
  /** One direction, after the line code. */
  readonly rawBytesPerSecond: number;
}

export interface ConnectionJson {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly technology: string;
  readonly part: string | null;
  readonly links: number;
  readonly bytesPerSecond: number | null;
  readonly latencySeconds: number | null;
}

/** The machine as data. Addresses are still `bigint` in it: `writeJson` makes text of them. */
export function machineJson(machine: Machine): MachineJson {
  const nameOf = (id: number) => componentAt(machine, id).name;
  const addresses = new Map(enumerate(machine).devices.map((device) => [device.name, device.bdf]));
  return {
    format: 'pcie-topology-machine',
    version: 1,
    machine: machine.name,
    components: machine.components.map((component) => componentJson(component, nameOf, addresses)),
    links: machine.links.map((link) => linkJson(link, nameOf)),
    connections: machine.connections.map((connection) => connectionJson(connection, nameOf)),
    firmware: machine.firmware,
    linux: {
      ...machine.linux,
      disableAcsRedirComponents: machine.linux.disableAcsRedirComponents.map(nameOf),
    },
    virtualMachines: machine.virtualMachines.map(({ name, devices }) => ({ name, devices: devices.map(nameOf) })),
    partitions: machine.partitions.map((one) => ({
      name: one.name,
      switch: nameOf(one.switch),
      ports: one.ports.map(nameOf),
      upstream: one.upstream === null ? null : nameOf(one.upstream),
    })),
  };
}

/** The machine as JSON text, two spaces a level. */
export function writeJson(machine: Machine): Exported {
  const text = JSON.stringify(
    machineJson(machine),
    (_key, value) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value),
    2,
  );
  return { text: `${text}\n`, assumptions: machine.assumptions };
}

function componentJson(
  component: Component,
  nameOf: (id: number) => string,
  addresses: ReadonlyMap<string, string>,
): ComponentJson {
  return {
    name: component.name,
    kind: component.kind,
    parts: component.parts,
    parent: component.parent === null ? null : nameOf(component.parent),
    bdf: addresses.get(component.name) ?? null,
    settings: component.settings,
    unknown: component.unknown,
    acs: component.acs,
    acsCapability: component.acsCapability,
    bars: component.bars,
    sriov: component.sriov,
    functions: component.functions,
    subunits: component.subunits.map(({ kind, label, settings }) => ({ kind, label, settings })),
    apertures: component.apertures,
  };
}

function linkJson(link: Link, nameOf: (id: number) => string): LinkJson {
  return {
    name: link.name,
    kind: link.kind,
    port: nameOf(link.port),
    device: link.device === null ? null : nameOf(link.device),
    trained: link.trained,
    capable: link.capable,
    limitedBy: link.limitedBy,
    limitedAt: link.limitedAt,
    maxPayloadBytes: link.maxPayloadBytes,
    rawBytesPerSecond: rawBytesPerSecond(link.trained.generation, link.trained.lanes),
  };
}

function connectionJson(connection: Connection, nameOf: (id: number) => string): ConnectionJson {
  return {
    name: connection.name,
    from: nameOf(connection.from),
    to: nameOf(connection.to),
    technology: connection.technology,
    part: connection.part,
    links: connection.links,
    bytesPerSecond: connection.bytesPerSecond,
    latencySeconds: connection.latencySeconds,
  };
}
