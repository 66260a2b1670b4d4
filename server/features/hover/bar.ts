import { type AstNode, isAstNode } from 'langium';
import type { Component as ComponentNode, Property } from '../../../language/generated/ast.ts';
import { enumerate } from '../../../model/discovery/enumerate.ts';
import type { EnumeratedDevice, Enumeration } from '../../../model/discovery/enumeration.ts';
import { changesThatFit } from '../../../model/discovery/fit.ts';
import { componentAt, type Machine } from '../../../model/machine.ts';
import { formatBytes, formatHex } from '../../../model/quantity.ts';

/** Which BAR a statement is about, and of what. */
export interface StatedBar {
  readonly component: ComponentNode;
  /** 0-5; 6 for the ROM. */
  readonly index: number;
  readonly isVirtual: boolean;
}

/** The BAR that a `bar` or `rom` statement declares on a component; undefined for one of a part or a further function. */
export function statedBar(node: Property): StatedBar | undefined {
  if (node.key !== 'bar' && node.key !== 'rom') return undefined;
  const index = node.key === 'rom' ? 6 : Number(/^bar\s+(\d+)/.exec(node.$cstNode?.text ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(index)) return undefined;
  let isVirtual = false;
  for (let above: AstNode | undefined = node.$container; isAstNode(above); above = above.$container) {
    if (above.$type === 'Component') return { component: above as ComponentNode, index, isVirtual };
    if (above.$type !== 'Property') continue;
    if ((above as Property).key !== 'sriov') return undefined;
    isVirtual = true;
  }
  return undefined;
}

const kept = new WeakMap<Machine, Enumeration>();

/** What discovery makes of a machine; kept, since every hover asks. */
export function enumerated(machine: Machine): Enumeration {
  const known = kept.get(machine) ?? enumerate(machine);
  kept.set(machine, known);
  return known;
}

/** Where a BAR lies, and in whose window; or why it has no address, and what would give it one. */
export function barMarkdown(machine: Machine, id: number, index: number, isVirtual: boolean): string | undefined {
  const enumeration = enumerated(machine);
  const device = enumeration.devices.find((one) => one.component === id && one.physicalFunction === null);
  const bars = isVirtual ? device?.virtualBars : device?.bars;
  const bar = bars?.find((one) => one.index === index);
  if (device === undefined || bar === undefined) return undefined;
  const count = 'count' in bar && typeof bar.count === 'number' ? bar.count : 1;
  const bytes = bar.bytes * count;
  const what = index === 6 ? 'Expansion ROM' : `${isVirtual ? 'VF ' : ''}BAR ${index}`;
  const each = isVirtual ? `, ${count} times ${formatBytes(bar.bytes)}` : '';
  const head = `**${what}** of \`${componentAt(machine, id).name}\` · ${formatBytes(bytes)}${each}`;
  const rules = `*As the kernel alone places it (rules of ${enumeration.rules}).*`;
  if (bar.address === null) {
    const slot = isVirtual ? 7 + index : index;
    const failure = enumeration.unassigned.find((one) => one.component === id && one.bar === slot);
    const [smallest] = changesThatFit(machine);
    const fits = smallest === undefined ? '' : ` It fits with ${smallest.sentence}.`;
    return [head, `${failure?.reason ?? 'It has no address.'}${fits}`, rules].join('\n\n');
  }
  const start = Number(bar.address);
  const at = `At \`${bar.address}\`-\`${formatHex(start + bytes - 1)}\``;
  const kind = bar.kind === 'io' ? 'io' : 'memory';
  return [head, `${at}${windowWords(machine, enumeration, device, start, kind)}.`, rules].join('\n\n');
}

/** The windows on the way up that the address lies in: of the nearest bridge, and of the host bridge. */
function windowWords(
  machine: Machine,
  { devices, hosts }: Enumeration,
  device: EnumeratedDevice,
  address: number,
  kind: 'io' | 'memory',
): string {
  const words: string[] = [];
  const bridge = devices.find((one) => one.bdf === device.parent);
  const windows = Object.entries(bridge?.windows ?? {});
  for (const [name, range] of windows) {
    if ((name === 'io') !== (kind === 'io') || range === null) continue;
    const [start, end] = range.map(Number) as [number, number];
    if (address < start || address > end) continue;
    words.push(
      `in the ${name === 'io' ? 'I/O' : name} window of \`${nameOf(machine, bridge)}\`, ${spanOf(start, end)}`,
    );
  }
  for (const host of hosts) {
    for (const window of host.windows) {
      const [start, end] = [Number(window.start), Number(window.end)];
      if ((window.kind === 'io') !== (kind === 'io') || address < start || address > end) continue;
      const isOwn = devices.some((one) => one.bdf === device.bdf) && isBelow(host, device);
      if (isOwn) words.push(`in the window of the host bridge \`${host.name}\`, ${spanOf(start, end)}`);
    }
  }
  return words.length === 0 ? '' : `, ${words.join(', ')}`;
}

/** The host bridge decodes the bus of the device. */
function isBelow({ segment, busRange, lastBus }: Enumeration['hosts'][number], { bdf }: EnumeratedDevice): boolean {
  const [domain = '', bus = ''] = bdf.split(':');
  const number = Number.parseInt(bus, 16);
  return Number.parseInt(domain, 16) === segment && number >= busRange[0] && number <= lastBus;
}

const nameOf = (machine: Machine, device: EnumeratedDevice | undefined): string =>
  device === undefined ? '' : componentAt(machine, device.component).name;

const spanOf = (start: number, end: number): string =>
  `\`${formatHex(start)}\`-\`${formatHex(end)}\` (${formatBytes(end - start + 1)})`;
