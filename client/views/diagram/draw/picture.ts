import type { Area } from '../camera.ts';
import type { Box, Layout } from '../layout/layout.ts';
import { descendants, type Tree } from '../layout/tree.ts';
import { Same } from '../same.ts';
import { matches } from '../search.ts';
import type { ViewState } from '../state.ts';
import { keepAttribute, s } from '../svg.ts';
import { BadgeLayer } from './badges.ts';
import { ConnectionLayer } from './connections.ts';
import { type Lit, litBy } from './highlight.ts';
import { NodeLayer } from './nodes.ts';
import { tintOf } from './tint.ts';
import { plateWidth, WireLayer, wireWords } from './wires.ts';

/** Everything that is drawn, as one tree of SVG that follows the state. */
export class Picture {
  readonly svg: SVGSVGElement;
  readonly scene: SVGGElement;
  readonly nodes = new NodeLayer();
  readonly badges = new BadgeLayer();
  readonly #wires = new WireLayer();
  readonly #connections = new ConnectionLayer();
  readonly #grounds: SVGGElement;
  readonly #bars: SVGGElement;
  readonly #marks: SVGGElement;
  readonly #grounded = new Same();
  readonly #barred = new Same();
  readonly #stepped = new Same();

  constructor() {
    this.#grounds = s('g', { class: 'grounds', 'aria-hidden': 'true' });
    this.#bars = s('g', { class: 'bars', 'aria-hidden': 'true' });
    this.#marks = s('g', { class: 'marks', 'aria-hidden': 'true' });
    this.scene = s('g', { class: 'scene' });
    // Connections run over the ground of the sockets and behind what stands there.
    this.scene.append(
      this.#grounds,
      this.#connections.group,
      this.#bars,
      this.nodes.group,
      this.#wires.group,
      this.badges.group,
      this.#marks,
    );
    this.svg = s('svg', { class: 'canvas', role: 'tree', 'aria-label': 'Topology' }, this.scene);
  }

  update(state: ViewState): void {
    const { tree, layout } = state;
    if (tree === null || layout === null) {
      for (const group of [this.nodes.group, this.badges.group, this.#grounds, this.#bars, this.#marks])
        group.replaceChildren();
      return;
    }
    this.svg.setAttribute('aria-label', `Topology of ${tree.diagram.machine}`);
    this.nodes.update(tree, state);
    if (!this.#grounded.as(layout, state.overlays, tree.diagram.groups, ...tree.roots))
      this.#ground(tree, layout, state);
    if (!this.#barred.as(layout)) {
      this.#bars.replaceChildren(
        ...layout.bars.map((bar) =>
          s('rect', { class: 'bar', x: bar.x, y: bar.y - 3, width: bar.width, height: 6, rx: 3 }),
        ),
      );
    }
    this.#connections.update(tree, state);
    this.#wires.update(tree, state);
    this.badges.update(tree, state);
    this.mark(state);
    this.scene.setAttribute('data-version', String(tree.diagram.version));
  }

  #ground(tree: Tree, layout: Layout, { overlays }: ViewState): void {
    const frames = tree.roots.flatMap((node) => {
      const box = layout.boxes.get(node.name);
      return box?.shape === 'frame' ? [{ node, box }] : [];
    });
    this.#grounds.replaceChildren(
      ...frames.map(({ node, box: { x, y, width, height } }) =>
        s('rect', { class: `ground${tintOf(tree, node, overlays)}`, x, y, width, height, rx: 8 }),
      ),
    );
  }

  /** Draws only what is in or near an area: zooming lays out the words that are drawn, and no others. */
  cull(area: Area): void {
    this.nodes.cull(area);
    this.#wires.cull(area);
    this.badges.cull(area);
  }

  /** Selection, search and route: they change what is lit, and nothing of what is drawn. */
  mark(state: ViewState): void {
    const { tree, layout } = state;
    if (tree === null || layout === null) return;
    const found =
      state.query.trim() === '' ? null : new Set(matches(tree.diagram.nodes, state.query).map((n) => n.name));
    const path = state.route?.path ?? null;
    const lit = path === null ? null : litBy(path, tree);
    const ends = new Set(state.route === null ? [] : [state.route.from, state.route.to ?? '']);
    this.svg.classList.toggle('searching', found !== null);
    this.svg.classList.toggle('routed', lit !== null);
    const reachable = focusable(state);
    for (const [name, drawn] of this.nodes.all) {
      const marks = {
        selected: name === state.selected,
        marked: state.marked.has(name),
        found: found?.has(name) === true,
        lit: lit !== null && isLit(tree, lit, name, layout.boxes.get(name)),
        end: ends.has(name),
      };
      // Of thousands of nodes few are marked, and few change: the others are left alone.
      const all = `${Object.values(marks).join(' ')} ${name === reachable}`;
      if (drawn.marks === all) continue;
      drawn.marks = all;
      for (const [mark, on] of Object.entries(marks)) drawn.group.classList.toggle(mark, on);
      keepAttribute(drawn.body, 'aria-selected', String(marks.selected));
      keepAttribute(drawn.body, 'tabindex', name === reachable ? '0' : '-1');
    }
    // Wires that are drawn anew are not lit.
    for (const wire of this.#wires.all) {
      const isWireLit = lit?.links.has(wire.getAttribute('data-link') ?? '') ?? false;
      if (wire.classList.contains('lit') !== isWireLit) wire.classList.toggle('lit', isWireLit);
    }
    const near = state.selected;
    for (const connection of this.#connections.all) {
      const of = (connection.getAttribute('data-ends') ?? '').split(' ');
      connection.classList.toggle(
        'lit',
        lit?.connections.has(connection.getAttribute('data-connection') ?? '') ?? false,
      );
      connection.classList.toggle('near', near !== null && of.includes(near));
    }
    if (!this.#stepped.as(layout, path, state.overlays, tree.diagram.load))
      this.#marks.replaceChildren(...(lit === null ? [] : steps(state, lit, this.#connections)));
  }
}

/** A frame that is folded stands for what is inside. */
function isLit(tree: Tree, lit: Lit, name: string, box: Box | undefined): boolean {
  if (lit.nodes.has(name)) return true;
  if (box === undefined || box.folded === 0) return false;
  return descendants(tree, name).some((inside) => lit.nodes.has(inside.name));
}

/** The one node that the tabulator key leads to: the selected one, else the first. */
function focusable({ tree, layout, selected }: ViewState): string | null {
  if (selected !== null && layout?.boxes.has(selected)) return selected;
  return tree?.roots.find((root) => layout?.boxes.has(root.name))?.name ?? null;
}

/** Numbers along a route, beside the wires and the boxes that it goes through. */
function steps(state: ViewState, lit: Lit, connections: ConnectionLayer): SVGElement[] {
  const { layout, tree } = state;
  if (layout === null || tree === null) return [];
  const made: SVGElement[] = [];
  const links = new Map(tree.diagram.links.map((link) => [link.name, link]));
  for (const wire of layout.wires) {
    const link = wire.link === null ? undefined : links.get(wire.link);
    const step = link === undefined ? undefined : lit.links.get(link.name);
    if (link === undefined || step === undefined || !wire.used) continue;
    // Left of the words, as findings stand right of them.
    made.push(number(step, wire.x - plateWidth(wireWords(link, tree, state)) / 2 - 8, (wire.from + wire.to) / 2));
  }
  for (const [name, step] of lit.connections) {
    const place = connections.placeOf(name);
    if (place !== undefined) made.push(number(step, place.x, place.y + 18));
  }
  for (const [name, step] of lit.nodes) {
    const box = layout.boxes.get(name);
    if (box !== undefined && step > 0) made.push(number(step, box.x - 3, box.y + Math.min(20, box.height / 2)));
  }
  return made;
}

const number = (step: number, x: number, y: number): SVGElement =>
  s(
    'g',
    { class: 'step', transform: `translate(${x} ${y})` },
    s('circle', { r: 9 }),
    s('text', { y: 4, 'text-anchor': 'middle' }, String(step)),
  );
