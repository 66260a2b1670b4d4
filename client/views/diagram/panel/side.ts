import { h } from '../../results/dom.ts';
import { keyHelp } from '../keys.ts';
import { Same } from '../same.ts';
import type { Actions, ViewState } from '../state.ts';
import { close, detailsOf, table } from './details.ts';
import { heading } from './facts.ts';
import { loadLine, overviewLine, overviewOf } from './overview.ts';
import { routeLine, routeOf } from './route.ts';

/** Lower views than this fold by themselves what explains: the picture comes first. */
const leastHeight = 480;

/** Until somebody folds or unfolds it, it is open where the picture keeps enough room. */
export const isFolded = ({ sideFolded }: ViewState): boolean => sideFolded ?? window.innerHeight < leastHeight;

/**
 * What explains, beside the picture: the overview, what is selected, a route, the keys. In a narrow view it is docked
 * below the picture and folds to one line. It is always there, so that choosing a thing moves nothing.
 */
export class Side {
  readonly element: HTMLElement;
  readonly #actions: Actions;
  readonly #fold: HTMLElement;
  readonly #body: HTMLElement;
  /** What somebody who does not see the picture hears of it: the route that was found, the end of a run. */
  readonly #heard: HTMLElement;
  readonly #from = new Same();
  readonly #subject = new Same();
  readonly #heardFrom = new Same();
  #isFirst = true;

  constructor(actions: Actions, fold: () => void) {
    this.#actions = actions;
    this.#fold = h('button', {
      id: 'fold-side',
      class: 'side-fold',
      type: 'button',
      'aria-controls': 'side-body',
      onclick: fold,
    });
    this.#body = h('div', { id: 'side-body' });
    this.#heard = h('div', { class: 'hidden', role: 'status' });
    this.element = h('aside', { 'aria-label': 'Details' }, this.#fold, this.#body, this.#heard);
  }

  update(state: ViewState): void {
    const folded = isFolded(state);
    this.element.classList.toggle('folded', folded);
    this.#fold.setAttribute('aria-expanded', folded ? 'false' : 'true');
    const line = lineOf(state);
    if (this.#fold.textContent !== line) this.#fold.textContent = line;
    this.#explain(state);
    this.#announce(state);
  }

  /** Made anew only where it says something else: texts are typed under it. */
  #explain(state: ViewState): void {
    const { help: helps, route, explained, selected, tree, differences, collapsed, overlays } = state;
    const { nodes, links, load, findings, machine } = tree?.diagram ?? {};
    const isOverview = !helps && route === null && (!explained || selected === null);
    const about = isOverview
      ? [nodes, links, load, findings, machine, overlays, differences]
      : [helps, route, explained, selected, tree, differences, collapsed];
    if (this.#from.as(isOverview, ...about)) return;
    const focused = document.activeElement?.id ?? '';
    const parts = [
      helps ? helpOf(this.#actions) : null,
      routeOf(state, this.#actions),
      // While the other end is being chosen there is nothing else to read.
      explained && route?.to !== null ? detailsOf(state, this.#actions) : null,
    ].filter((part) => part !== null);
    this.#body.replaceChildren(...(parts.length > 0 ? parts : [overviewOf(state, this.#actions)]));
    // Of another thing one reads from the beginning.
    if (!this.#subject.as(isOverview, helps, route?.from, route?.to, explained ? selected : null))
      this.element.scrollTop = 0;
    if (focused !== '' && document.activeElement?.id !== focused) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
  }

  #announce(state: ViewState): void {
    const { route, tree } = state;
    const load = tree?.diagram.load ?? null;
    const isSame = this.#heardFrom.as(route?.path ?? null, load);
    // What was there when the view opened is read, not told.
    if (!isSame && !this.#isFirst) {
      this.#heard.textContent = route !== null && route.path !== null ? routeLine(state) : loadLine(load);
    }
    if (tree !== null) this.#isFirst = false;
  }
}

/** What the line of a folded explanation says. */
function lineOf(state: ViewState): string {
  const { route, tree, selected, help: helps, explained } = state;
  const node = tree === null || selected === null ? undefined : tree.byName.get(selected);
  if (helps) return 'Keys';
  if (route !== null) return routeLine(state);
  return node === undefined || !explained ? overviewLine(state) : heading(node);
}

function helpOf(actions: Actions): HTMLElement {
  return h(
    'section',
    { class: 'help', 'aria-labelledby': 'help-title' },
    h('h2', { id: 'help-title' }, 'Keys', close('end-help', 'Close the keys', actions.help)),
    table(keyHelp),
    h(
      'p',
      { class: 'note' },
      'Drag a device to a free port to plug it in there. Shift and click: the route between two.',
    ),
  );
}
