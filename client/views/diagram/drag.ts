import type { Picture } from './draw/picture.ts';
import type { Actions, ViewState } from './state.ts';

/** Pixels that the pointer moves before a press becomes a drag. */
const threshold = 5;

/** A device that is pulled from its port. Ports that can take it are marked; letting go over one changes the text. */
export class DeviceDrag {
  readonly #picture: Picture;
  readonly #state: () => ViewState;
  readonly #actions: Actions;
  #from: { readonly name: string; readonly x: number; readonly y: number } | null = null;
  #ghost: SVGGElement | null = null;
  #over: Element | null = null;

  constructor(picture: Picture, state: () => ViewState, actions: Actions) {
    this.#picture = picture;
    this.#state = state;
    this.#actions = actions;
  }

  get active(): boolean {
    return this.#ghost !== null;
  }

  press(name: string, event: PointerEvent): void {
    this.#from = { name, x: event.clientX, y: event.clientY };
  }

  /** Returns whether the pointer pulls a device now. */
  move(event: PointerEvent, zoom: number): boolean {
    const from = this.#from;
    if (from === null) return false;
    if (this.#ghost === null) {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) < threshold) return false;
      if (!this.#begin(from.name)) return false;
    }
    const box = this.#state().layout?.boxes.get(from.name);
    if (box === undefined || this.#ghost === null) return false;
    const x = box.x + (event.clientX - from.x) / zoom;
    const y = box.y + (event.clientY - from.y) / zoom;
    this.#ghost.setAttribute('transform', `translate(${x} ${y})`);
    this.#mark(document.elementFromPoint(event.clientX, event.clientY)?.closest('.takes') ?? null);
    return true;
  }

  /** Lets go: over a port that takes it the text is changed. */
  drop(): void {
    const port = this.#over?.getAttribute('data-node') ?? null;
    const device = this.#ghost === null ? null : (this.#from?.name ?? null);
    this.cancel();
    if (device === null) return;
    if (port !== null) this.#actions.change({ kind: 'move', device, port });
    else this.#actions.say('Nothing was moved: let go over a free port, which is outlined while you drag.', false);
  }

  cancel(): void {
    this.#from = null;
    this.#ghost?.remove();
    this.#ghost = null;
    this.#mark(null);
    this.#picture.svg.classList.remove('dragging');
    for (const taking of this.#picture.svg.querySelectorAll('.takes')) taking.classList.remove('takes');
  }

  #begin(name: string): boolean {
    const tree = this.#state().tree;
    const move = tree?.byName.get(name)?.actions.move ?? null;
    if (tree === null || move !== true) {
      if (typeof move === 'string') this.#actions.say(move, true);
      this.#from = null;
      return false;
    }
    const free = tree.diagram.nodes.filter((port) => port.actions.takes === true && !port.name.startsWith(`${name}.`));
    if (free.length === 0) {
      this.#actions.say('No port is free to move it to: write one first, such as “root-port rp9 gen4 x16”.', true);
      this.#from = null;
      return false;
    }
    const drawn = this.#picture.nodes.elementOf(name);
    const copy = drawn?.cloneNode(true);
    if (!(copy instanceof SVGGElement)) return false;
    copy.removeAttribute('data-node');
    for (const attribute of ['role', 'tabindex', 'aria-label', 'aria-level', 'aria-selected', 'aria-expanded']) {
      copy.querySelector('.body')?.removeAttribute(attribute);
    }
    copy.setAttribute('class', 'ghost');
    this.#picture.scene.append(copy);
    this.#ghost = copy;
    this.#picture.svg.classList.add('dragging');
    for (const port of free) this.#picture.nodes.elementOf(port.name)?.classList.add('takes');
    return true;
  }

  #mark(over: Element | null): void {
    if (over === this.#over) return;
    this.#over?.classList.remove('over');
    over?.classList.add('over');
    this.#over = over;
  }
}
