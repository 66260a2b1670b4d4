import { h } from '../../results/dom.ts';
import type { BadgeLayer } from '../draw/badges.ts';
import type { Tree } from '../layout/tree.ts';
import { linkWords } from '../words.ts';
import { table } from './details.ts';
import { connectionRows, heading, linkRows, nodeRows } from './facts.ts';
import { differenceList, findingList } from './findings.ts';

/** What can be explained. */
const things = '[data-node], [data-link], [data-connection], .badge';

/** How long the pointer rests before it asks. */
const restMilliseconds = 300;

/** What is read when the pointer rests on a thing. The pane beside the picture says the same by keyboard. */
export class Tooltip {
  readonly element: HTMLElement;
  #of: Element | null = null;
  /** What was pressed: it is known, and not explained until the pointer has been elsewhere. */
  #muted: Element | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #badges: BadgeLayer;

  constructor(badges: BadgeLayer) {
    this.#badges = badges;
    this.element = h('div', { class: 'tooltip', role: 'tooltip', hidden: true });
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.#of = null;
    this.element.hidden = true;
  }

  mute(target: Element): void {
    this.hide();
    this.#muted = target.closest(things);
  }

  /** Shows what stands under the pointer when it rests there; at once where something is shown already. */
  rest(tree: Tree, target: Element, at: { readonly x: number; readonly y: number }, canvas: DOMRect): void {
    clearTimeout(this.#timer);
    if (this.#muted !== null && target.closest(things) === this.#muted) return;
    this.#muted = null;
    if (!this.element.hidden) this.#show(tree, target, at, canvas);
    else this.#timer = setTimeout(() => this.#show(tree, target, at, canvas), restMilliseconds);
  }

  #show(tree: Tree, target: Element, at: { readonly x: number; readonly y: number }, canvas: DOMRect): void {
    const thing = target.closest(things);
    if (thing === null) {
      this.hide();
      return;
    }
    if (thing !== this.#of) {
      const content = this.#contentOf(tree, thing);
      if (content === null) {
        this.hide();
        return;
      }
      this.#of = thing;
      this.element.replaceChildren(...content);
      this.element.hidden = false;
    }
    const { width, height } = this.element.getBoundingClientRect();
    const x = at.x - canvas.left + 14;
    const y = at.y - canvas.top + 16;
    const left = x + width > canvas.width ? Math.max(4, x - width - 24) : x;
    const top = y + height > canvas.height ? Math.max(4, y - height - 28) : y;
    this.element.style.left = `${left}px`;
    this.element.style.top = `${top}px`;
  }

  #contentOf(tree: Tree, thing: Element): HTMLElement[] | null {
    const mark = this.#badges.of(thing);
    if (mark !== undefined) {
      return [mark.findings.length > 0 ? findingList(mark.findings) : differenceList(mark.differences)];
    }
    const node = tree.byName.get(thing.getAttribute('data-node') ?? '');
    if (node !== undefined) return [h('strong', {}, heading(node)), table(nodeRows(tree, node))];
    const link = tree.diagram.links.find((each) => each.name === thing.getAttribute('data-link'));
    if (link !== undefined) {
      const name = tree.byName.get(link.port)?.shortName ?? link.name;
      return [h('strong', {}, `${name} · link ${linkWords(link.trained)}`), table(linkRows(link, tree).slice(1))];
    }
    const connection = tree.diagram.connections.find((each) => each.name === thing.getAttribute('data-connection'));
    if (connection === undefined) return null;
    return [h('strong', {}, connection.name), table(connectionRows(connection, tree))];
  }
}
