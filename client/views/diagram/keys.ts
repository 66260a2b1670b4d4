import { expandable } from './draw/nodes.ts';
import type { Tree } from './layout/tree.ts';
import { isEnd } from './panel/details.ts';
import type { Actions, ViewState } from './state.ts';

/** The keys of the picture, for the help. */
export const keyHelp: readonly (readonly [keys: string, what: string])[] = [
  ['↑ ↓', 'to what it hangs below; to what hangs below it'],
  ['← →', 'to its neighbours'],
  ['Home End', 'to the first, to the last of its neighbours'],
  ['Space', 'fold, unfold'],
  ['Enter', 'show it in the text'],
  ['R', 'route from here, then to there'],
  ['F', 'to the next finding'],
  ['B', 'to the next bottleneck of the last run'],
  ['/', 'find'],
  ['+ − 0', 'zoom in, out, show everything'],
  ['Shift and arrows', 'move the picture'],
  ['Escape', 'end a route, then the selection'],
];

/** What else a key needs of the view. */
export interface KeyHost {
  readonly pan: (x: number, y: number) => void;
  readonly focusSearch: () => void;
}

/** Handles a key in the picture; true where it was one of ours. */
export function handleKey(event: KeyboardEvent, state: ViewState, actions: Actions, host: KeyHost): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { tree } = state;
  if (tree === null) return false;
  if (event.shiftKey && event.key.startsWith('Arrow')) {
    const step = 80;
    host.pan(
      event.key === 'ArrowLeft' ? step : event.key === 'ArrowRight' ? -step : 0,
      event.key === 'ArrowUp' ? step : event.key === 'ArrowDown' ? -step : 0,
    );
    return true;
  }
  switch (event.key) {
    case '+':
    case '=':
      actions.zoom(1.25);
      return true;
    case '-':
      actions.zoom(1 / 1.25);
      return true;
    case '0':
      actions.fit();
      return true;
    case 'f':
    case 'F':
      actions.nextFinding();
      return true;
    case 'b':
    case 'B':
      actions.nextLimit();
      return true;
    case '/':
      host.focusSearch();
      return true;
    case '?':
      actions.help();
      return true;
    case 'Escape':
      if (state.route !== null) actions.endRoute();
      else actions.select(null, false);
      return true;
    default:
      return onNode(event.key, state, tree, actions);
  }
}

function onNode(key: string, state: ViewState, tree: Tree, actions: Actions): boolean {
  const node = state.selected === null ? undefined : tree.byName.get(state.selected);
  const to = target(key, state, tree);
  if (to !== undefined) {
    actions.select(to, true);
    return true;
  }
  if (node === undefined) return false;
  switch (key) {
    case ' ':
      if (expandable(tree, node)) actions.toggle(node.name);
      return true;
    case 'Enter':
      actions.reveal(node.name);
      return true;
    case 'r':
    case 'R':
      if (!isEnd(node)) actions.say(`${node.label} is no end of a route: choose a device or a socket.`, true);
      else if (state.route !== null && state.route.to === null) actions.routeTo(node.name);
      else actions.routeFrom(node.name);
      return true;
    default:
      return false;
  }
}

/** Where a key leads to in the tree; undefined: it is no such key, or there is nothing. */
function target(key: string, state: ViewState, tree: Tree): string | undefined {
  const known = state.selected === null ? undefined : tree.byName.get(state.selected);
  const first = tree.roots[0]?.name;
  const moves = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End'];
  if (!moves.includes(key)) return undefined;
  if (known === undefined) return first;
  const siblings = known.parent === null ? tree.roots : tree.below(known.parent);
  const at = siblings.indexOf(known);
  switch (key) {
    case 'ArrowUp':
      return known.parent ?? known.name;
    case 'ArrowDown':
      return state.collapsed.has(known.name) ? known.name : (tree.below(known.name)[0]?.name ?? known.name);
    case 'ArrowLeft':
      return siblings[at - 1]?.name ?? known.name;
    case 'ArrowRight':
      return siblings[at + 1]?.name ?? known.name;
    case 'Home':
      return siblings[0]?.name;
    default:
      return siblings.at(-1)?.name;
  }
}
