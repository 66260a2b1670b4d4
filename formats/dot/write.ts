import { type Component, componentAt, isEndpoint, type Machine } from '../../model/machine.ts';
import type { Exported } from '../exported.ts';
import { connectionText, isBelowCapable, linkOf, linkText, rootsOf, subtitle } from '../picture.ts';

/**
 * A machine as a graph for Graphviz (`dot -Tsvg`): a frame for every socket and switch, a box for every device, links with what
 * they run at, dashed lines for what is beside PCIe. Identifiers are qualified names.
 */
export function writeDot(machine: Machine): Exported {
  const lines = [
    `digraph ${quote(machine.name)} {`,
    '  graph [rankdir=TB, compound=true, nodesep=0.3, ranksep=0.5, fontname="Helvetica"];',
    '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=11, margin="0.12,0.06"];',
    '  edge [arrowhead=none, fontname="Helvetica", fontsize=9];',
  ];
  for (const root of rootsOf(machine)) lines.push(...cluster(machine, root, 1));
  for (const component of machine.components) {
    if (component.parent === null) continue;
    const link = linkOf(machine, component);
    const parent = componentAt(machine, component.parent);
    const label = link === null ? [] : [`label=${quote(linkText(link))}`];
    const below = link !== null && isBelowCapable(link) ? ['color="#b45309"', 'fontcolor="#b45309"'] : [];
    const style = [...label, ...below];
    lines.push(
      `  ${quote(parent.name)} -> ${quote(component.name)}${style.length === 0 ? '' : ` [${style.join(', ')}]`};`,
    );
  }
  for (const connection of machine.connections) {
    const [from, to] = [componentAt(machine, connection.from), componentAt(machine, connection.to)];
    lines.push(
      `  ${quote(from.name)} -> ${quote(to.name)} [style=dashed, constraint=false, color="#2563eb", label=${quote(connectionText(connection))}];`,
    );
  }
  lines.push('}');
  return { text: `${lines.join('\n')}\n`, assumptions: [] };
}

/** Sockets and switches frame what is inside them: themselves and their ports. */
function cluster(machine: Machine, component: Component, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const children = component.children.map((id) => componentAt(machine, id));
  const isFrame = component.kind === 'socket' || component.kind === 'switch' || component.kind === 'chipset';
  if (!isFrame) return [node(component, indent), ...children.flatMap((child) => cluster(machine, child, depth))];
  const isInside = (child: Component) => child.kind === 'port' || child.kind === 'root-port';
  const inside = children.filter(isInside);
  return [
    `${indent}subgraph ${quote(`cluster ${component.name}`)} {`,
    `${indent}  label=${quote(`${component.label} (${subtitle(component)})`)};`,
    `${indent}  style=rounded; color="#94a3b8"; fontsize=10;`,
    node(component, `${indent}  `),
    ...inside.map((child) => node(child, `${indent}  `)),
    `${indent}}`,
    ...inside.flatMap((child) => child.children.flatMap((id) => cluster(machine, componentAt(machine, id), depth))),
    ...children.filter((child) => !isInside(child)).flatMap((child) => cluster(machine, child, depth)),
  ];
}

function node(component: Component, indent: string): string {
  const isPort = component.kind === 'port' || component.kind === 'root-port';
  const label = isPort ? quote(component.label) : quote(`${component.label}\n${subtitle(component)}`);
  const fill = isEndpoint(component) ? ', style="rounded,filled", fillcolor="#e0f2fe"' : '';
  return `${indent}${quote(component.name)} [label=${label}${isPort ? ', height=0.25, fontsize=9' : ''}${fill}];`;
}

/** A quoted identifier: quotes and backslashes escaped, line breaks as Graphviz writes them. */
function quote(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
