import type { PathJson } from '../../../server/contract.types.ts';
import type { Diagram, DiagramUpdate } from '../../../server/diagram/diagram.types.ts';
import { updated } from '../../../server/diagram/update.ts';
import { h } from '../results/dom.ts';
import { Canvas } from './canvas.ts';
import { litBy } from './draw/highlight.ts';
import { expandable } from './draw/nodes.ts';
import { Picture } from './draw/picture.ts';
import { pictureFile } from './export.ts';
import { handleKey } from './keys.ts';
import { Layouts } from './layout/layout.ts';
import { type Tree, treeOf, visibleOf } from './layout/tree.ts';
import { type FromView, type KeptState, readKept, type ToView } from './messages.ts';
import { isEnd } from './panel/details.ts';
import { legend } from './panel/legend.ts';
import { isFolded, Side } from './panel/side.ts';
import { statusOf } from './panel/status.ts';
import { Toolbar } from './panel/toolbar.ts';
import { Tooltip } from './panel/tooltip.ts';
import { Same } from './same.ts';
import { after, found, limiting, matches } from './search.ts';
import { type Actions, type Overlay, overlays, type ViewState } from './state.ts';

/** What VS Code gives to a webview. A page that runs alone gives the same. */
declare function acquireVsCodeApi(): {
  postMessage(message: FromView): void;
  getState(): unknown;
  setState(state: KeptState): void;
};

const host = acquireVsCodeApi();
const keptBefore = readKept(host.getState());

let state: ViewState = {
  file: '',
  tree: null,
  layout: null,
  gone: null,
  collapsed: new Set(keptBefore.collapsed ?? []),
  overlays: new Set(
    overlays.filter((overlay) => (keptBefore.overlays ?? ['findings', 'differences', 'load']).includes(overlay)),
  ),
  selected: null,
  explained: false,
  marked: new Set(),
  query: '',
  route: null,
  differences: null,
  message: null,
  help: false,
  sideFolded: null,
};

/** Null until it is loaded. */
let layouts: Layouts | null = null;

const actions: Actions = {
  select(name, tell, pointed = false) {
    const same = name === state.selected;
    const unfolded = name === null ? state : shown(state, name);
    update({ ...unfolded, selected: name, explained: name !== null, message: null });
    if (name === null) return;
    canvas.reveal(name, !pointed);
    focusNode(name);
    if (tell && !same) host.postMessage({ kind: 'reveal', name, focus: false });
  },
  reveal: (name) => host.postMessage({ kind: 'reveal', name, focus: true }),
  goTo({ range: { start } }) {
    host.postMessage({ kind: 'place', line: start.line, character: start.character });
  },
  toggle(name) {
    const collapsed = new Set(state.collapsed);
    if (!collapsed.delete(name)) collapsed.add(name);
    const { tree } = state;
    const selected = tree === null || state.selected === null ? null : visibleOf(tree, state.selected, collapsed);
    update({ ...state, collapsed, selected });
  },
  foldAll(fold) {
    const { tree } = state;
    if (tree === null) return;
    const collapsed = fold ? foldable(tree) : new Set<string>();
    const selected = state.selected === null ? null : visibleOf(tree, state.selected, collapsed);
    // Everything moves: the rows are made anew.
    state = { ...state, layout: null };
    update({ ...state, collapsed, selected, message: null });
    canvas.fit();
  },
  overlay(overlay: Overlay) {
    const shownNow = new Set(state.overlays);
    if (!shownNow.delete(overlay)) shownNow.add(overlay);
    update({ ...state, overlays: shownNow });
  },
  search: (query) => update({ ...state, query }),
  next(step) {
    const { tree, query } = state;
    const next = after(
      tree === null ? [] : matches(tree.diagram.nodes, query).map((node) => node.name),
      state.selected,
      step,
    );
    if (next === undefined) return;
    update({ ...shown(state, next), selected: next, explained: true });
    canvas.reveal(next, true);
    host.postMessage({ kind: 'reveal', name: next, focus: false });
  },
  nextFinding() {
    const next = after(state.tree === null ? [] : found(state.tree), state.selected);
    if (next !== undefined) actions.select(next, true);
  },
  nextLimit() {
    const next = after(state.tree === null ? [] : limiting(state.tree), state.selected);
    if (next === undefined) actions.say('No bottleneck is known: simulate first.', false);
    else actions.select(next, true);
  },
  routeFrom(name) {
    update({ ...state, route: { from: name, to: null, path: null }, message: null });
    // The other end may be anywhere.
    if (canvas.fitted) canvas.fit();
  },
  routeTo(name) {
    const { route, tree } = state;
    const node = tree?.byName.get(name);
    if (route === null || node === undefined) return;
    if (!isEnd(node)) {
      actions.say(`${node.label} is no end of a route: choose a device or a socket.`, true);
      return;
    }
    update({ ...state, route: { from: route.from, to: name, path: null } });
    host.postMessage({ kind: 'path', from: route.from, to: name });
  },
  endRoute: () => update({ ...state, route: null }),
  change: (action) => host.postMessage({ kind: 'change', action }),
  say(text, failed) {
    update({ ...state, message: { text, failed } });
    forgetLater();
  },
  machine: (name) => host.postMessage({ kind: 'machine', name }),
  simulate: () => host.postMessage({ kind: 'simulate' }),
  fit() {
    const { tree, layout } = state;
    const ratio = layout === null ? 1 : canvas.shape / layout.shape;
    // For a canvas of quite another shape the rows are made anew.
    if (tree !== null && (ratio > 1.25 || ratio < 0.8)) {
      state = { ...state, layout: null };
      update({ ...state, tree: { ...tree } });
    }
    canvas.fit();
  },
  zoom: (factor) => canvas.zoom(factor),
  save: (format) => void save(format),
  help: () => update({ ...state, help: !state.help }),
};

const picture = new Picture();
const tooltip = new Tooltip(picture.badges);
const toolbar = new Toolbar(actions);
const overlaid = h('div', { class: 'overlaid' });
const stage = h('div', { class: 'stage' });
const side = new Side(actions, () => foldSide());
const status = h('div', { class: 'status', role: 'status' });
const columns = h('div', { class: 'columns' }, stage, side.element);
document.getElementById('diagram')?.replaceChildren(toolbar.element, columns);
const canvas = new Canvas(stage, picture, tooltip, actions, () => state);
stage.append(status, overlaid);

picture.svg.addEventListener('keydown', (event) => {
  const used = handleKey(event, state, actions, {
    pan: (x, y) => canvas.pan(x, y),
    focusSearch: () => toolbar.focusSearch(),
  });
  if (!used) return;
  event.preventDefault();
  event.stopPropagation();
});
// A node that the tabulator key reaches becomes the selected one.
picture.svg.addEventListener('focusin', (event) => {
  const name = event.target instanceof Element ? event.target.closest('[data-node]')?.getAttribute('data-node') : null;
  if (canvas.pressed || name === null || name === undefined || name === state.selected) return;
  update({ ...state, selected: name, explained: true });
});

/** The state with everything unfolded that hides a node. */
function shown(from: ViewState, name: string): ViewState {
  const collapsed = new Set(from.collapsed);
  for (
    let at = from.tree?.byName.get(name)?.parent ?? null;
    at !== null;
    at = from.tree?.byName.get(at)?.parent ?? null
  ) {
    collapsed.delete(at);
  }
  return collapsed.size === from.collapsed.size ? from : { ...from, collapsed };
}

function focusNode(name: string): void {
  const inPicture = picture.svg.contains(document.activeElement) || document.activeElement === document.body;
  if (inPicture) picture.nodes.focus(name);
}

/** Shows the next state. Only other nodes or another folding are laid out; only what changed is drawn. */
function update(next: ViewState): void {
  const before = state;
  const [now, was] = [next.tree?.diagram, before.tree?.diagram];
  const isSameShape = now?.nodes === was?.nodes && now?.links === was?.links && before.layout !== null;
  const laidOut = !isSameShape || next.collapsed !== before.collapsed;
  const layout =
    next.tree === null || layouts === null
      ? null
      : laidOut
        ? layouts.of(next.tree, next.collapsed, before.layout, canvas.shape)
        : before.layout;
  state = { ...next, layout };
  const isDrawn = laidOut || next.tree !== before.tree || next.overlays !== before.overlays;
  if (isDrawn || next.differences !== before.differences) picture.update(state);
  else picture.mark(state);
  panels();
  if (layout !== before.layout && layout !== null) canvas.follow(before.layout, layout);
  else if (isDrawn) canvas.drawn();
  keep();
}

const legendFrom = new Same();

function panels(): void {
  toolbar.update(state);
  side.update(state);
  const { links, load, groups, connections } = state.tree?.diagram ?? {};
  if (!legendFrom.as(links, load, groups, connections, state.overlays)) overlaid.replaceChildren(legend(state) ?? '');
  const said = statusOf(state);
  if (status.textContent !== (said?.textContent ?? '')) status.replaceChildren(...(said === null ? [] : [said]));
}

function foldSide(): void {
  update({ ...state, sideFolded: !isFolded(state) });
  // The picture has more room now, or less.
  if (canvas.fitted) canvas.fit();
  else if (state.selected !== null) canvas.reveal(state.selected, false);
}

/** More nodes than this are not shown at first: nothing of them could be read. */
const mostAtOnce = 600;

/** Everything but sockets: what is left is the root ports and what is plugged into them. */
const foldable = (tree: Tree): ReadonlySet<string> =>
  new Set(
    tree.diagram.nodes.filter((node) => node.kind !== 'socket' && expandable(tree, node)).map((node) => node.name),
  );

const keptFrom = new Same();

/** Tells VS Code what to keep over a reload, where it is otherwise than before: each time it writes all of it down. */
function keep(): void {
  const diagram = state.tree?.diagram;
  if (keptFrom.as(diagram?.uri, diagram?.machine, state.collapsed, state.overlays)) return;
  host.setState({
    ...(diagram === undefined ? keptBefore : { uri: diagram.uri, machine: diagram.machine }),
    collapsed: [...state.collapsed],
    overlays: [...state.overlays],
  });
}

async function save(format: 'svg' | 'png'): Promise<void> {
  try {
    host.postMessage({ kind: 'save', format, content: await pictureFile(format, picture, canvas, state) });
  } catch (error) {
    actions.say(error instanceof Error ? error.message : 'The picture could not be drawn.', true);
  }
}

/** The picture that the extension has told of, with the number of its step; drawn with the next frame at the latest. */
let told: { readonly diagram: Diagram; readonly step: number } | null = null;
let drawing = 0;

/** A change of the picture. Several that come between two frames are drawn together. */
function follow(step: number, update: DiagramUpdate): void {
  if (told === null || step !== told.step + 1) {
    if (told !== null) host.postMessage({ kind: 'ready' });
    told = null;
    return;
  }
  told = { step, diagram: updated(told.diagram, update) };
  if (drawing !== 0) return;
  drawing = requestAnimationFrame(() => {
    drawing = 0;
    if (told !== null) take(told.diagram, state.file, true);
  });
}

/** @param same the same machine, whatever its name is now */
function take(diagram: Diagram, file: string, same = false): void {
  const tree = treeOf(diagram, state.tree);
  const known = (name: string | null) => name !== null && tree.byName.has(name);
  const other = !same && state.tree !== null && state.tree.diagram.machine !== diagram.machine;
  const { route } = state;
  const stillRouted =
    !other && route !== null && known(route.from) && (route.to === null || known(route.to)) ? route : null;
  const isFirst = state.tree === null && keptBefore.collapsed === undefined;
  const large = isFirst && diagram.nodes.length > mostAtOnce;
  const base = { ...state, ...(other ? { layout: null } : {}), ...(large ? { collapsed: foldable(tree) } : {}) };
  if (other) state = base;
  const message = large
    ? { text: 'This machine is large: its switches are folded. “Unfold” shows everything.', failed: false }
    : null;
  update({
    ...base,
    file,
    tree,
    gone: null,
    selected: known(state.selected) ? state.selected : null,
    route: stillRouted,
    ...(message === null ? {} : { message }),
  });
  if (message !== null) forgetLater();
  // What a route carries may be another now.
  if (stillRouted !== null && stillRouted.to !== null) {
    host.postMessage({ kind: 'path', from: stillRouted.from, to: stillRouted.to });
  }
}

function receive(message: ToView): void {
  switch (message.kind) {
    case 'diagram':
      told = message;
      take(message.diagram, message.file);
      break;
    case 'update':
      follow(message.step, message.update);
      break;
    case 'gone':
      update({ ...state, gone: message.message });
      break;
    case 'select':
      marked(message.names);
      break;
    case 'differences':
      update({ ...state, differences: message.differences });
      break;
    case 'path':
      routed(message.path);
      break;
    case 'message':
      update({
        ...state,
        message: { text: message.text, failed: message.failed },
        ...(message.failed ? unasked() : {}),
      });
      forgetLater();
      break;
  }
}

/** The route that was asked for; all of it is brought into sight when it is new. */
function routed(path: PathJson): void {
  const { route, tree } = state;
  if (route === null || tree === null) return;
  const isNew = route.path === null;
  update({ ...state, route: { ...route, path } });
  if (!isNew) return;
  const lit = litBy(path, tree);
  const links = tree.diagram.links.filter((link) => lit.links.has(link.name)).map((link) => link.device ?? link.port);
  const nodes = [...lit.nodes.keys()].filter((name) => tree.byName.get(name)?.kind !== 'socket');
  canvas.revealAll([...nodes, ...links]);
}

let forgetting: ReturnType<typeof setTimeout> | undefined;

/** What was done need not be said for long; what failed stays until something else is done. */
function forgetLater(): void {
  clearTimeout(forgetting);
  const { message } = state;
  if (message === null || message.failed) return;
  forgetting = setTimeout(() => {
    if (state.message === message) update({ ...state, message: null });
  }, 8000);
}

/** A route that was refused is not asked for any more. */
const unasked = (): Partial<ViewState> =>
  state.route !== null && state.route.to !== null && state.route.path === null ? { route: null } : {};

/** What the cursor in the text is in; the first of it is brought into sight. */
function marked(names: readonly string[]): void {
  const [first] = names;
  const base = first === undefined ? state : shown(state, first);
  const only = names.length === 1 && first !== undefined && state.tree?.byName.has(first) === true ? first : null;
  update({ ...base, marked: new Set(names), selected: only ?? state.selected });
  if (first !== undefined) canvas.reveal(first, false);
}

const loading = Layouts.load();
loading.then(
  (loaded) => {
    layouts = loaded;
  },
  (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    update({ ...state, gone: `The picture cannot be laid out here: ${why}` });
  },
);
// What is told before the layout is ready waits for it.
window.addEventListener('message', ({ data }: MessageEvent<ToView>) => {
  loading.then(
    () => receive(data),
    () => undefined,
  );
});

panels();
host.postMessage({ kind: 'ready' });
