import type { KnownPart, PartIndex } from '../formats/observed/parts.ts';
import type { Component, Machine } from '../model/machine.ts';
import { type ComponentText, componentText } from './print/component.ts';
import { connectionStatements, namesOf } from './print/connections.ts';
import { foldSiblings, type PrintNode, singleNode } from './print/fold.ts';
import { layOut } from './print/layout.ts';
import { shareParts } from './print/parts.ts';
import { firmwareBlock, linuxBlock } from './print/policy.ts';
import { unknownsOf } from './print/unknowns.ts';

export interface PrintOptions {
  /** The parts that may be named: what they say is then left out. Without them every component says all by itself. */
  readonly parts?: PartIndex;
  /** Vendor and device in words, by component id: names and comments of the parts that the file declares. */
  readonly descriptions?: ReadonlyMap<number, string>;
}

/**
 * A machine as the text that a person would write: nested, numbers that run on folded into ranges, what several devices say
 * alike in parts of the file, in the formatter's form. Reading the text gives the same machine. A comment says what is
 * unknown.
 */
export function printMachine(machine: Machine, options: PrintOptions = {}): string {
  const known = new Map((options.parts ?? []).map((part) => [part.name, part]));
  const partOf = (component: Component): KnownPart | null => known.get(component.parts[0] ?? '') ?? null;
  const texts = machine.components.map((component) => {
    const above = component.parent === null ? null : (machine.components[component.parent] ?? null);
    return componentText(component, partOf(component), above);
  });
  const shared = shareParts(
    machine.components.map((component) => ({
      id: component.id,
      kind: component.kind,
      base: partOf(component)?.name ?? null,
      text: texts[component.id] ?? emptyText,
      description: options.descriptions?.get(component.id) ?? null,
    })),
    new Set(known.keys()),
  );
  const nodeOf = (id: number): PrintNode | null => {
    const component = machine.components[id];
    if (component === undefined) return null;
    const text = shared.textOf.get(id) ?? texts[id] ?? emptyText;
    const children = childrenInText(machine, component)
      .map(nodeOf)
      .filter((node) => node !== null);
    // A range below a port is dealt out over copies of the port: functions of one device stay as they are.
    const isPort = component.kind === 'root-port' || component.kind === 'port';
    return singleNode(component.label, {
      kind: component.kind,
      link: text.link,
      part: shared.partOf.get(id) ?? partOf(component)?.name ?? null,
      lines: [...text.properties, ...text.rest, ...partitionsOf(machine, component)],
      children: isPort ? children : foldSiblings(children),
    });
  };
  const tops = machine.components
    .filter((component) => component.parent === null)
    .map((component) => nodeOf(component.id));
  return layOut({
    name: machine.name,
    unknowns: unknownsOf(machine),
    parts: shared.parts,
    blocks: [firmwareBlock(machine), linuxBlock(machine)].filter((block) => block !== null),
    allows: machine.allows.map(
      (allow) => `allow ${allow.code}${allow.reason === null ? '' : ` ${JSON.stringify(allow.reason)}`}`,
    ),
    tops: foldSiblings(tops.filter((node) => node !== null)),
    statements: [...connectionStatements(machine, new Set(known.keys())), ...virtualMachinesOf(machine)],
  });
}

/** What stands in the block of a component: the ports of a chip stand in it, whichever partition has them. */
function childrenInText(machine: Machine, component: Component): readonly number[] {
  if (machine.partitions.length === 0) return component.children;
  const isPartition = (id: number) => machine.components[id]?.partitionOf !== undefined;
  const own = component.children.filter((id) => !isPartition(id));
  const apart = machine.components.filter((one) => one.partitionOf === component.id).flatMap((one) => one.children);
  return apart.length === 0 ? own : [...own, ...apart].sort((a, b) => a - b);
}

const emptyText: ComponentText = { link: '', properties: [], rest: [] };

function partitionsOf(machine: Machine, component: Component): string[] {
  if (machine.partitions.length === 0) return [];
  const names = namesOf(machine);
  return machine.partitions
    .filter((partition) => partition.switch === component.id)
    .map((partition) => {
      const ports = partition.ports.map((id) => names.shortest(id)).join(' ');
      const up = partition.upstream === null ? '' : ` to ${names.shortest(partition.upstream)}`;
      return `partition ${partition.name}${ports === '' ? '' : ` for ${ports}`}${up}`;
    });
}

function virtualMachinesOf(machine: Machine): string[] {
  const names = namesOf(machine);
  return machine.virtualMachines.map(
    ({ name, devices }) =>
      `vm ${name}${devices.length === 0 ? '' : ` for ${devices.map((id) => names.shortest(id)).join(' ')}`}`,
  );
}
