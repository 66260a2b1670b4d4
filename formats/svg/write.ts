import { type Component, componentAt, isEndpoint, type Machine } from '../../model/machine.ts';
import type { Exported } from '../exported.ts';
import { connectionText, isBelowCapable, linkOf, linkText, rootsOf, subtitle } from '../picture.ts';
import { shortNames } from '../short-names.ts';
import { writeXml, type XmlNode } from '../xml/write.ts';
import { type Box, layOut, sizes } from './layout.ts';
import { style } from './style.ts';

/** More than this no viewer draws; the tree is cut there and says so. */
const mostBoxes = 4000;

/**
 * A machine as a picture: the tree from the sockets on the left to the devices on the right, links with what they run at, and
 * below it what is beside PCIe. It follows the light or dark setting of whoever looks at it and loads nothing.
 */
export function writeSvg(machine: Machine): Exported {
  const shown = machine.components.slice(0, mostBoxes);
  const names = shortNames(machine);
  const boxes = layOut(
    rootsOf(machine)
      .filter((root) => root.id < mostBoxes)
      .map((root) => draft(machine, root, shown.length)),
  );
  const beside = besideLines(machine, names);
  const right = Math.max(320, ...boxes.map((box) => box.x + box.width), ...beside.map((line) => line.length * 7));
  const bottom = Math.max(sizes.top, ...boxes.map((box) => box.y + box.height));
  const width = Math.ceil(right + sizes.margin);
  const height = Math.ceil(bottom + sizes.margin + (beside.length === 0 ? 0 : 30 + beside.length * 18));
  const children: XmlNode[] = [
    { name: 'title', attributes: {}, text: machine.name },
    { name: 'desc', attributes: {}, text: description(machine) },
    { name: 'style', attributes: {}, text: style },
    { name: 'rect', attributes: { class: 'ground', width, height } },
    text(sizes.margin, 28, 'heading', machine.name),
    ...boxes.flatMap((box) => edge(machine, box)),
    ...boxes.map(drawBox),
    ...besideText(beside, bottom + sizes.margin),
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
  };
  const left = machine.components.length - shown.length;
  return {
    text: writeXml({ name: 'svg', attributes, children }),
    assumptions:
      left === 0 ? [] : [{ at: null, field: 'components', message: `${left} components are left out of the picture.` }],
  };
}

function draft(machine: Machine, component: Component, count: number): Box {
  const link = linkOf(machine, component);
  const isPort = component.kind === 'port' || component.kind === 'root-port';
  return {
    component,
    title: component.label,
    subtitle: isPort ? '' : subtitle(component),
    linkText: link === null ? '' : linkText(link),
    children: component.children
      .filter((id) => id < count)
      .map((id) => draft(machine, componentAt(machine, id), count)),
    parent: null,
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  };
}

function description(machine: Machine): string {
  const devices = machine.components.filter(isEndpoint).length;
  const count = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`;
  return `PCIe tree with ${count(rootsOf(machine).length, 'root')}, ${count(machine.links.length, 'link')} and ${count(devices, 'device')}.`;
}

function drawBox(box: Box): XmlNode {
  const { component, x, y, width, height } = box;
  const group = isEndpoint(component) ? 'device' : component.kind === 'socket' ? 'socket' : 'fabric';
  const middle = y + height / 2;
  return {
    name: 'g',
    attributes: { class: `${group} ${component.kind}` },
    children: [
      { name: 'title', attributes: {}, text: component.name },
      { name: 'rect', attributes: { x, y, width, height, rx: 6 } },
      text(x + 10, box.subtitle === '' ? middle + 4 : middle - 2, 'name', box.title),
      ...(box.subtitle === '' ? [] : [text(x + 10, middle + 13, 'kind', box.subtitle)]),
    ],
  };
}

/** From the parent's right side to the box, with what the link runs at above the line. */
function edge(machine: Machine, box: Box): XmlNode[] {
  const { parent } = box;
  if (parent === null) return [];
  const link = linkOf(machine, box.component);
  const [fromX, fromY] = [parent.x + parent.width, parent.y + parent.height / 2];
  const toY = box.y + box.height / 2;
  const turn = fromX + 14;
  const kind = link === null ? 'inside' : isBelowCapable(link) ? 'link low' : 'link';
  return [
    { name: 'path', attributes: { class: kind, d: `M${fromX} ${fromY}H${turn}V${toY}H${box.x}` } },
    ...(box.linkText === ''
      ? []
      : [text(turn + 5, toY - 5, link !== null && isBelowCapable(link) ? 'rate low' : 'rate', box.linkText)]),
  ];
}

/** One line for every kind of connection and every pair. */
function besideLines(machine: Machine, names: ReadonlyMap<number, string>): string[] {
  const most = 200;
  const lines = machine.connections.map((connection) => {
    const name = (id: number) => names.get(id) ?? '';
    return `${name(connection.from)} – ${name(connection.to)}: ${connectionText(connection)}`;
  });
  return lines.length <= most ? lines : [...lines.slice(0, most), `and ${lines.length - most} more`];
}

function besideText(lines: readonly string[], top: number): XmlNode[] {
  if (lines.length === 0) return [];
  return [
    text(sizes.margin, top + 12, 'name', 'Beside PCIe'),
    ...lines.map((line, at) => text(sizes.margin, top + 34 + at * 18, 'kind', line)),
  ];
}

function text(x: number, y: number, className: string, content: string): XmlNode {
  return { name: 'text', attributes: { x: Math.round(x), y: Math.round(y), class: className }, text: content };
}
