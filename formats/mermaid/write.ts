import { type Component, componentAt, isEndpoint, type Machine } from '../../model/machine.ts';
import type { Exported } from '../exported.ts';
import { connectionText, linkOf, linkText, rootsOf, subtitle } from '../picture.ts';

/**
 * A machine as a Mermaid flowchart, which GitHub and others draw inside Markdown: a frame for every socket and switch, links with
 * what they run at, dotted lines for what is beside PCIe.
 */
export function writeMermaid(machine: Machine): Exported {
  const lines = ['flowchart TD', `  %% ${machine.name}`];
  for (const root of rootsOf(machine)) lines.push(...frame(machine, root, 1));
  for (const component of machine.components) {
    if (component.parent === null) continue;
    const link = linkOf(machine, component);
    const text = link === null ? '---' : `---|${quote(linkText(link))}|`;
    lines.push(`  ${idOf(component.parent)} ${text} ${idOf(component.id)}`);
  }
  for (const connection of machine.connections) {
    lines.push(`  ${idOf(connection.from)} -.-|${quote(connectionText(connection))}| ${idOf(connection.to)}`);
  }
  const devices = machine.components.filter(isEndpoint).map(({ id }) => idOf(id));
  if (devices.length > 0) {
    lines.push('  classDef device stroke-width:2px', `  class ${devices.join(',')} device`);
  }
  return { text: `${lines.join('\n')}\n`, assumptions: [] };
}

/** A socket or switch with its ports inside the frame; what hangs off the ports stands outside. */
function frame(machine: Machine, component: Component, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const children = component.children.map((id) => componentAt(machine, id));
  const isFrame = component.kind === 'socket' || component.kind === 'switch' || component.kind === 'chipset';
  if (!isFrame) return [node(component, indent), ...children.flatMap((child) => frame(machine, child, depth))];
  const isInside = (child: Component) => child.kind === 'port' || child.kind === 'root-port';
  const inside = children.filter(isInside);
  return [
    `${indent}subgraph frame${component.id}[${quote(`${component.label}: ${subtitle(component)}`)}]`,
    node(component, `${indent}  `),
    ...inside.map((child) => node(child, `${indent}  `)),
    `${indent}end`,
    ...inside.flatMap((child) => child.children.flatMap((id) => frame(machine, componentAt(machine, id), depth))),
    ...children.filter((child) => !isInside(child)).flatMap((child) => frame(machine, child, depth)),
  ];
}

function node(component: Component, indent: string): string {
  const isPort = component.kind === 'port' || component.kind === 'root-port';
  const text = isPort ? component.label : `${component.label}<br/>${subtitle(component)}`;
  return `${indent}${idOf(component.id)}(${quote(text)})`;
}

const idOf = (id: number) => `c${id}`;

/** Text in quotes; quotes, ampersands and hashes as entities, as Mermaid wants them. */
function quote(text: string): string {
  return `"${text.replace(/#/g, '#35;').replace(/"/g, '#quot;')}"`;
}
