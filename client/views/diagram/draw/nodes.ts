import type { DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import { type Area, overlaps } from '../camera.ts';
import { type Box, isSameBox } from '../layout/layout.ts';
import { cut, most, sizes } from '../layout/sizes.ts';
import type { Tree } from '../layout/tree.ts';
import { Same } from '../same.ts';
import type { Overlay, ViewState } from '../state.ts';
import { keepAttribute, s, setAttributes } from '../svg.ts';
import { detailOf, fitting, isLimit, limitSign, loadLevel, nodeName, nodeUse, percent, socketWords } from '../words.ts';
import { iconOf } from './icons.ts';
import { groupHue, hueOf, tintOf } from './tint.ts';

/** A node as it stands in the picture; `content` changes only where what it shows does. */
interface Drawn {
  readonly group: SVGGElement;
  /** What has the focus, the role and the name; it stays when what is written around it changes. */
  readonly body: SVGRectElement;
  signature: string;
  /** What its words and its colours come from. */
  readonly from: Same;
  box: Box;
  /** What it is marked as: see `Picture.mark`. */
  marks: string;
  /** What is written in it is left out while it is out of sight. */
  written: boolean;
}

/** The nodes of the picture, by name: those that stay are kept, with focus and all. */
export class NodeLayer {
  readonly group: SVGGElement;
  readonly #drawn = new Map<string, Drawn>();

  constructor() {
    this.group = s('g', { class: 'nodes' });
  }

  elementOf(name: string): SVGGElement | undefined {
    return this.#drawn.get(name)?.group;
  }

  focus(name: string): void {
    this.#drawn.get(name)?.body.focus({ preventScroll: true });
  }

  get all(): ReadonlyMap<string, { readonly group: SVGGElement; readonly body: SVGRectElement; marks: string }> {
    return this.#drawn;
  }

  /** Leaves out what is written in nodes outside an area of the picture; the nodes themselves can be reached. */
  cull(area: Area): void {
    for (const drawn of this.#drawn.values()) {
      const near = overlaps(drawn.box, area);
      if (near === drawn.written) continue;
      drawn.written = near;
      const content = drawn.body.nextElementSibling;
      if (content !== null) setAttributes(content, { display: near ? undefined : 'none' });
    }
  }

  /** Draws what is to be seen, in the order of the tree: frames lie below what they hold. */
  update(tree: Tree, state: ViewState): void {
    const boxes = state.layout?.boxes ?? new Map<string, Box>();
    for (const [name, drawn] of this.#drawn) {
      if (boxes.has(name)) continue;
      drawn.group.remove();
      this.#drawn.delete(name);
    }
    const levels = levelsOf(tree);
    const { groups, load } = tree.diagram;
    let last: Element | null = null;
    for (const node of tree.diagram.nodes) {
      const box = boxes.get(node.name);
      if (box === undefined) continue;
      const drawn = this.#drawn.get(node.name) ?? this.#make(node, box);
      const kept = isSameBox(drawn.box, box) ? drawn.box : box;
      const { name } = node;
      const link = tree.linkOfPort.get(name);
      const shared = state.overlays.has('group') ? groups : null;
      const children = tree.below(name).length;
      const level = levels.get(name);
      const says = [link, load, tree.findings.get(name), state.overlays, shared, children, level];
      if (!drawn.from.as(node, kept, ...says)) this.#write(drawn, tree, node, kept, state.overlays, level ?? 1);
      const after: Element | null = last === null ? this.group.firstElementChild : last.nextElementSibling;
      if (after !== drawn.group) this.group.insertBefore(drawn.group, after);
      last = drawn.group;
    }
  }

  #write(drawn: Drawn, tree: Tree, node: DiagramNode, box: Box, shown: ReadonlySet<Overlay>, level: number): void {
    drawn.box = box;
    keepAttribute(drawn.group, 'transform', `translate(${round(box.x)} ${round(box.y)})`);
    keepAttribute(drawn.body, 'aria-label', nodeName(tree, node, shown));
    keepAttribute(drawn.body, 'aria-level', String(level));
    if (expandable(tree, node)) keepAttribute(drawn.body, 'aria-expanded', box.folded === 0 ? 'true' : 'false');
    else drawn.body.removeAttribute('aria-expanded');
    const content = signatureOf(tree, node, box, shown);
    if (content === drawn.signature) return;
    drawn.signature = content;
    setAttributes(drawn.body, bodyOf(tree, node, box, shown));
    drawn.written = true;
    while (drawn.body.nextSibling !== null) drawn.body.nextSibling.remove();
    drawn.group.append(s('g', { 'aria-hidden': 'true' }, ...contentOf(tree, node, box, shown)));
  }

  #make(node: DiagramNode, box: Box): Drawn {
    const body = s('rect', { role: 'treeitem', tabindex: -1, 'aria-selected': 'false' });
    const group = s('g', { 'data-node': node.name }, body);
    const drawn = { group, body, signature: '', from: new Same(), box, marks: '', written: true };
    this.#drawn.set(node.name, drawn);
    return drawn;
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Folding is for what has a block of its own; what hangs below a port is folded with its switch. */
export const expandable = (tree: Tree, node: DiagramNode): boolean =>
  node.kind !== 'root-port' && node.kind !== 'port' && tree.below(node.name).length > 0;

function levelsOf(tree: Tree): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  for (const node of tree.diagram.nodes) {
    levels.set(node.name, node.parent === null ? 1 : (levels.get(node.parent) ?? 0) + 1);
  }
  return levels;
}

const signatureOf = (tree: Tree, node: DiagramNode, box: Box, shown: ReadonlySet<Overlay>): string =>
  JSON.stringify([
    node.kind,
    node.label,
    detailOf(node),
    node.kind === 'socket' ? headerWords(tree, node, shown) : busyOf(tree, node, shown),
    box.width,
    box.height,
    box.folded,
    expandable(tree, node),
    shown.has('acs') ? node.acs : null,
    shown.has('group') ? [node.group, groupHue(tree, node.group ?? -1)] : null,
    shown.has('numa') ? node.numaNode : null,
  ]);

/** The outline of a node, with the colour of the overlays. */
function bodyOf(
  tree: Tree,
  node: DiagramNode,
  box: Box,
  shown: ReadonlySet<Overlay>,
): Readonly<Record<string, string | number>> {
  const size = { width: box.width, height: box.height };
  if (box.shape === 'port') return { class: `body port${acsState(node, shown)}`, ...size, rx: box.height / 2 };
  const framed = box.shape === 'frame';
  const limit = busyOf(tree, node, shown)?.limit === true ? ' limit' : '';
  return { class: `body ${box.shape} ${node.kind}${tintOf(tree, node, shown)}${limit}`, ...size, rx: framed ? 8 : 5 };
}

/** What the last run made of a node itself, apart from its link; null where the load is not shown, or it rested. */
function busyOf(
  tree: Tree,
  node: DiagramNode,
  shown: ReadonlySet<Overlay>,
): { readonly use: number | null; readonly limit: boolean } | null {
  const { load } = tree.diagram;
  if (load === null || !shown.has('load')) return null;
  const use = nodeUse(load, node.name);
  const limit = isLimit(load, node.name, 'other');
  return limit || (use !== null && use >= 0.005) ? { use, limit } : null;
}

const headerWords = (tree: Tree, node: DiagramNode, shown: ReadonlySet<Overlay>): string =>
  socketWords(node, shown.has('load') ? tree.diagram.load : null);

function acsState({ acs }: DiagramNode, shown: ReadonlySet<Overlay>): string {
  if (acs === null || !shown.has('acs')) return '';
  return acs.capability === null ? ' no-acs' : acs.redirects ? ' redirects' : ' straight';
}

function contentOf(tree: Tree, node: DiagramNode, box: Box, shown: ReadonlySet<Overlay>): SVGElement[] {
  if (box.shape === 'port') return portContent(node, box, shown);
  const framed = box.shape === 'frame';
  const parts: SVGElement[] = [];
  // A frame is taken by its header; through the rest one reaches what is inside.
  if (framed) parts.push(s('rect', { class: 'hit', width: box.width, height: sizes.frameHeader }));
  if (!framed) parts.push(s('rect', { class: `accent ${node.kind}`, x: 0, y: 5, width: 3, height: box.height - 10 }));
  const y = framed ? 12 : box.folded > 0 || expandable(tree, node) ? 8 : 13;
  parts.push(s('path', { class: 'icon', d: iconOf(node), transform: `translate(10 ${y})` }));
  if (framed) {
    parts.push(s('text', { class: 'label big', x: 34, y: 25 }, cut(node.label, most.label)));
    const after = 34 + cut(node.label, most.label).length * 8.4 + 14;
    const room = Math.max(8, Math.floor((box.width - after - 40) / 6.1));
    parts.push(
      s('text', { class: 'detail', x: after, y: 25 }, cut(fitting(headerWords(tree, node, shown), room), room)),
    );
  } else {
    const top = expandable(tree, node) ? 16 : 18;
    const label = cut(node.label, most.label);
    const words = s('text', { class: 'label', x: 33, y: top }, label);
    // Not as an attribute: the policy of the page lets no styles in.
    words.style.setProperty('--far', `${farSize(box, label)}px`);
    parts.push(words);
    parts.push(s('text', { class: 'detail', x: 33, y: top + 15 }, cut(detailOf(node), most.detail)));
  }
  if (expandable(tree, node)) parts.push(fold(box));
  return [...parts, ...chips(tree, node, box, shown), ...busyChip(tree, node, box, shown)];
}

/** From afar a name is as large as its box lets it be. */
const farSize = ({ width, height }: Box, label: string): number =>
  Math.round(Math.min(height * 0.6, (width - 14) / Math.max(1, label.length * 0.62)));

/** The handle that folds and unfolds; the keyboard has its own keys. */
function fold(box: Box): SVGElement {
  const folded = box.folded > 0;
  const words = folded ? `+${box.folded}` : '';
  return s(
    'g',
    { class: 'fold', 'data-fold': true, transform: `translate(${box.width - 20} ${box.shape === 'frame' ? 20 : 15})` },
    s('rect', { class: 'hit', x: -22 - words.length * 5, y: -12, width: 38 + words.length * 5, height: 24 }),
    words === '' ? null : s('text', { class: 'count', x: -8, y: 4, 'text-anchor': 'end' }, words),
    s('path', { class: 'chevron', d: folded ? 'M-2-4l4 4-4 4' : 'M-4-2l4 4 4-4' }),
  );
}

/** Small labels of the overlays, on the lower corners. */
function chips(tree: Tree, node: DiagramNode, box: Box, shown: ReadonlySet<Overlay>): SVGElement[] {
  if (box.shape === 'frame') return [];
  // Ports have the lower edge of what has ports.
  const ported = expandable(tree, node);
  const y = ported ? 0 : box.height + 3;
  const made: SVGElement[] = [];
  if (shown.has('numa') && node.numaNode !== null)
    made.push(chip(`N${node.numaNode}`, 8, y, hueOf(node.numaNode), 'start'));
  if (shown.has('group') && node.group !== null) {
    made.push(chip(`g${node.group}`, box.width - 8, y, groupHue(tree, node.group), 'end'));
  }
  return made;
}

/** How busy a device was, on its upper left corner: the wire comes in the middle, findings stand right. */
function busyChip(tree: Tree, node: DiagramNode, box: Box, shown: ReadonlySet<Overlay>): SVGElement[] {
  const busy = box.shape === 'frame' ? null : busyOf(tree, node, shown);
  if (busy === null) return [];
  const words = [busy.limit ? limitSign : '', busy.use === null ? '' : percent(busy.use)].filter((word) => word !== '');
  const level = busy.limit ? ' full' : ` ${loadLevel(busy.use ?? 0)}`;
  return [chip(words.join(' '), -6, 0, ` load${level}`, 'start')];
}

function chip(text: string, x: number, y: number, kind: string, anchor: 'start' | 'end'): SVGElement {
  const width = text.length * 6.2 + 10;
  const left = anchor === 'start' ? x : x - width;
  return s(
    'g',
    { class: `chip${kind}` },
    s('rect', { x: left, y: y - 7, width, height: 14, rx: 7 }),
    s('text', { x: left + width / 2, y: y + 3.5, 'text-anchor': 'middle' }, text),
  );
}

function portContent(node: DiagramNode, box: Box, shown: ReadonlySet<Overlay>): SVGElement[] {
  const acs = shown.has('acs') ? node.acs : null;
  const parts: SVGElement[] = [
    s(
      'text',
      { class: 'port-label', x: box.width / 2, y: box.height / 2 + 3.8, 'text-anchor': 'middle' },
      cut(node.label, most.label),
    ),
  ];
  if (acs !== null && (acs.capability === null || acs.redirects)) {
    // Where the wire begins, so that nothing moves when the overlay comes, and nothing of a neighbour is covered.
    const words =
      acs.capability === null ? 'no ACS' : acs.control.filter((bit) => bit !== 'SV' && bit !== 'UF').join(' ');
    parts.push(s('text', { class: 'acs-words', x: box.width / 2 + 9, y: box.height + 11 }, words));
  }
  return parts;
}
