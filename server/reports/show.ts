import { effectiveAcs } from '../../model/isolation/acs.ts';
import { linkLabel } from '../../model/link/generation.ts';
import { type Component, componentAt, type Machine } from '../../model/machine.ts';
import { numaNode } from '../../model/peer/distance-class.ts';
import { formatRate } from '../../model/quantity.ts';
import type { ShowJson, ShowNode } from '../contract.types.ts';
import { groupOf, limitWords, linkBandwidthOf, linkOf } from '../facts.ts';
import type { RunOptions } from '../protocol.ts';

/** Ports, devices and trained links of a machine, parents before children. */
export function showJson(machine: Machine): ShowJson {
  return { machine: machine.name, nodes: machine.components.map((component) => showNode(machine, component)) };
}

const isPort = (component: Component) => component.kind === 'root-port' || component.kind === 'port';

function showNode(machine: Machine, component: Component): ShowNode {
  const link = linkOf(machine, component.id);
  return {
    name: component.name,
    kind: component.kind,
    part: component.parts[0] ?? null,
    parent: component.parent === null ? null : componentAt(machine, component.parent).name,
    numaNode: numaNode(machine, component.id),
    link:
      link === undefined
        ? null
        : {
            generation: link.trained.generation,
            lanes: link.trained.lanes,
            capable: { generation: link.capable.generation, lanes: link.capable.lanes },
            limitedBy: link.limitedAt ?? link.limitedBy,
          },
    acs: isPort(component) ? effectiveAcs(machine, component.id).control : null,
    group: groupOf(machine, component.id),
  };
}

/** The same as a tree, for people. */
export function showText(machine: Machine, tax: Required<RunOptions>['tax']): string {
  const lines = [machine.name];
  const roots = machine.components.filter((component) => component.parent === null);
  const visit = (component: Component, indent: string, isLast: boolean) => {
    lines.push(`${indent}${isLast ? '└─ ' : '├─ '}${describe(machine, component, tax)}`);
    const inner = indent + (isLast ? '   ' : '│  ');
    for (const [index, id] of component.children.entries()) {
      visit(componentAt(machine, id), inner, index === component.children.length - 1);
    }
  };
  for (const [index, root] of roots.entries()) visit(root, '', index === roots.length - 1);
  for (const connection of machine.connections) {
    const rate = connection.bytesPerSecond === null ? '' : `  ${formatRate(connection.bytesPerSecond)} each way`;
    lines.push(
      `${connection.name}  ${connection.technology}${connection.links > 1 ? ` x${connection.links}` : ''}${rate}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function describe(machine: Machine, component: Component, tax: Required<RunOptions>['tax']): string {
  const words = [component.label, component.kind];
  if (component.parts[0] !== undefined) words.push(component.parts[0]);
  if (isPort(component)) {
    const link = linkOf(machine, component.id);
    if (link !== undefined) {
      const bandwidth = linkBandwidthOf(machine, link, tax);
      words.push(linkLabel(link.trained));
      if (bandwidth !== null) words.push(formatRate(bandwidth.writeBytesPerSecond));
      const limit = limitWords(link);
      if (limit !== '') words.push(`(${limit})`);
    }
    const { control } = effectiveAcs(machine, component.id);
    if (control.length > 0) words.push(`ACS ${control.join(' ')}`);
  }
  return words.join('  ');
}
