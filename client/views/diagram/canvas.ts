import { type Area, anchored, around, type Camera, fitted, revealing, zoomed } from './camera.ts';
import { DeviceDrag } from './drag.ts';
import { reachBelow } from './draw/connections.ts';
import type { Picture } from './draw/picture.ts';
import type { Layout } from './layout/layout.ts';
import { visibleOf } from './layout/tree.ts';
import type { Tooltip } from './panel/tooltip.ts';
import type { Actions, ViewState } from './state.ts';
import { keepAttribute } from './svg.ts';

/** Below this zoom words are no longer to be read, and are not drawn. */
const readable = 0.4;

/** Below this zoom the names of devices are not to be read either. */
const nameable = 0.24;

/** How long a movement rests before it is over. */
const settleMilliseconds = 120;

/** The picture under the pointer: moving it, zooming, pointing, pressing, dragging. */
export class Canvas {
  readonly element: HTMLElement;
  readonly #picture: Picture;
  readonly #tooltip: Tooltip;
  readonly #actions: Actions;
  readonly #state: () => ViewState;
  readonly #drag: DeviceDrag;
  #camera: Camera = { x: 0, y: 0, zoom: 1 };
  #pan: { x: number; y: number; moved: boolean } | null = null;
  #fitted = false;
  #frame = 0;
  /** The camera that the picture is drawn for. */
  #drawnAt: Camera = { x: 0, y: 0, zoom: 1 };
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(element: HTMLElement, picture: Picture, tooltip: Tooltip, actions: Actions, state: () => ViewState) {
    this.element = element;
    this.#picture = picture;
    this.#tooltip = tooltip;
    this.#actions = actions;
    this.#state = state;
    this.#drag = new DeviceDrag(picture, state, actions);
    element.append(picture.svg, tooltip.element);
    this.#listen();
    // Of the window alone: a pane that opens beside the picture does not move what is pointed at.
    window.addEventListener('resize', () => {
      if (this.#fitted) this.#actions.fit();
    });
  }

  /** Everything was to be seen, and nobody has moved the picture since. */
  get fitted(): boolean {
    return this.#fitted;
  }

  /** A button of the pointer is down: what it means is not settled yet. */
  get pressed(): boolean {
    return this.#pan !== null;
  }

  get #size() {
    return { width: this.element.clientWidth, height: this.element.clientHeight };
  }

  /** Everything is drawn while `work` runs, wherever it is: for a picture to keep. */
  whole<T>(work: () => T): T {
    const { svg } = this.#picture;
    this.#picture.cull(this.area);
    svg.classList.remove('far', 'farther');
    for (const label of svg.querySelectorAll<SVGTextElement>('.label.big')) label.style.fontSize = '';
    try {
      return work();
    } finally {
      this.#draw();
    }
  }

  /** Width to height that suits the canvas: a little wider than itself, for the headers and the legend. */
  get shape(): number {
    const { width, height } = this.#size;
    return height === 0 ? 2 : Math.min(2.6, Math.max(0.6, (1.15 * width) / height));
  }

  /** What the picture takes up. */
  get area() {
    const { layout, tree } = this.#state();
    const below = layout === null || tree === null ? 0 : reachBelow(layout, tree);
    return { x: 0, y: 0, width: layout?.width ?? 0, height: (layout?.height ?? 0) + below };
  }

  fit(): void {
    this.#set(fitted(this.area, this.#free));
    this.#fitted = true;
  }

  /** Brings several nodes into sight together, where they are not. */
  revealAll(names: Iterable<string>): void {
    const { layout, tree, collapsed } = this.#state();
    if (layout === null || tree === null) return;
    const boxes = [...names]
      .map((name) => layout.boxes.get(visibleOf(tree, name, collapsed)))
      .filter((box) => box !== undefined);
    if (boxes.length === 0) return;
    const x = Math.min(...boxes.map((box) => box.x));
    const y = Math.min(...boxes.map((box) => box.y));
    const area = {
      x,
      y,
      width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
      height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
    };
    if (this.#shows(area)) return;
    const was = this.#fitted;
    this.#set(fitted(area, this.#free, 60));
    // Nobody has moved the picture: when it has its room back, everything is shown again.
    this.#fitted = was;
  }

  /** Whether all of an area is to be seen. */
  #shows(area: Area): boolean {
    const { x, y, zoom } = this.#camera;
    const { width, height } = this.#size;
    return (
      x + area.x * zoom >= 0 &&
      y + area.y * zoom >= 0 &&
      x + (area.x + area.width) * zoom <= width &&
      y + (area.y + area.height) * zoom <= height
    );
  }

  /** What the legend leaves of the canvas. */
  get #free() {
    const { width, height } = this.#size;
    const overlaid = this.element.querySelector('.overlaid');
    // In a narrow view the legend stands elsewhere.
    if (overlaid !== null && getComputedStyle(overlaid).display === 'none') return { width, height };
    const legend = overlaid?.clientHeight ?? 0;
    // Room for one with all overlays, so that turning one on covers nothing.
    return { width, height: Math.max(height / 2, height - Math.max(legend, Math.min(96, height / 9))) };
  }

  zoom(factor: number): void {
    const { width, height } = this.#size;
    this.#set(zoomed(this.#camera, factor, { x: width / 2, y: height / 2 }));
  }

  pan(x: number, y: number): void {
    this.#set({ ...this.#camera, x: this.#camera.x + x, y: this.#camera.y + y });
  }

  /**
   * Moves a node into sight where it is not.
   *
   * @param readably whether to zoom in where its words are too small
   */
  reveal(name: string, readably: boolean): void {
    const { layout, tree, collapsed } = this.#state();
    const box = tree === null ? undefined : layout?.boxes.get(visibleOf(tree, name, collapsed));
    if (box === undefined) return;
    const shown = box.shape === 'frame' ? { ...box, height: Math.min(box.height, 60) } : box;
    const least = readably ? 0.6 : 0;
    // What is to be seen as it is does not move.
    const { x, y, zoom } = revealing(this.#camera, shown, this.#size, least, 4);
    if (Math.abs(this.#camera.x - x) + Math.abs(this.#camera.y - y) < 0.5 && this.#camera.zoom === zoom) return;
    this.#set(revealing(this.#camera, shown, this.#size, least));
  }

  /**
   * After a new layout: what is selected, or what is in the middle, stays where it is. Where everything was to be seen and
   * nothing was chosen here, everything is to be seen again: in its place if it can be.
   */
  follow(before: Layout | null, after: Layout): void {
    const { selected, explained } = this.#state();
    const chosen = selected !== null && explained;
    if (before === null || before.boxes.size === 0) {
      this.fit();
      this.#draw();
      return;
    }
    const name = this.#anchor(before, after);
    const [old, now] = name === null ? [] : [before.boxes.get(name), after.boxes.get(name)];
    if (old !== undefined && now !== undefined) this.#camera = anchored(this.#camera, old, now);
    const isSmall = fitted(this.area, this.#free).zoom > 1.3 * this.#camera.zoom;
    if (this.#fitted && !chosen && (!this.#shows(this.area) || isSmall)) this.fit();
    else this.#fitted = this.#fitted && this.#shows(this.area);
    this.#draw();
  }

  /** The picture was drawn anew in its place. */
  drawn(): void {
    this.#draw();
  }

  #anchor(before: Layout, after: Layout): string | null {
    const { selected } = this.#state();
    if (selected !== null && before.boxes.has(selected) && after.boxes.has(selected)) return selected;
    const { width, height } = this.#size;
    const middle = {
      x: (width / 2 - this.#camera.x) / this.#camera.zoom,
      y: (height / 2 - this.#camera.y) / this.#camera.zoom,
    };
    let nearest: { name: string; distance: number } | null = null;
    for (const box of before.boxes.values()) {
      if (box.shape === 'frame' || !after.boxes.has(box.name)) continue;
      const distance = Math.hypot(box.x + box.width / 2 - middle.x, box.y - middle.y);
      if (nearest === null || distance < nearest.distance) nearest = { name: box.name, distance };
    }
    return nearest?.name ?? null;
  }

  /** @param moving whether more of the same movement is to be expected */
  #set(camera: Camera, moving = false): void {
    this.#camera = camera;
    this.#fitted = false;
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (moving) this.#scale();
      else this.#draw();
    });
  }

  /** In the middle of zooming the picture is scaled as it was drawn; it is drawn anew when the movement rests. */
  #scale(): void {
    const { x, y, zoom } = this.#drawnAt;
    const ratio = this.#camera.zoom / zoom;
    clearTimeout(this.#settling);
    if (ratio < 0.55 || ratio > 1.8) {
      this.#draw();
      return;
    }
    const { style } = this.#picture.svg;
    style.transform = `translate(${this.#camera.x - x * ratio}px, ${this.#camera.y - y * ratio}px) scale(${ratio})`;
    this.#settling = setTimeout(() => this.#draw(), settleMilliseconds);
  }

  #draw(): void {
    clearTimeout(this.#settling);
    this.#drawnAt = this.#camera;
    this.#picture.svg.style.transform = '';
    const { x, y, zoom } = this.#camera;
    keepAttribute(
      this.#picture.scene,
      'transform',
      `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${zoom.toFixed(4)})`,
    );
    const far = zoom < readable;
    this.#picture.svg.classList.toggle('far', far);
    this.#picture.svg.classList.toggle('farther', zoom < nameable);
    this.#picture.cull(around(this.#camera, this.#size));
    // Names of sockets stay as large as they can be read.
    for (const label of this.#picture.svg.querySelectorAll<SVGTextElement>('.label.big')) {
      label.style.fontSize = far ? `${14 / zoom}px` : '';
      label.style.strokeWidth = far ? `${4 / zoom}px` : '';
    }
  }

  #listen(): void {
    const { svg } = this.#picture;
    this.element.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        this.#tooltip.hide();
        const at = this.#point(event);
        // A pinch arrives as a wheel with the control key.
        if (event.ctrlKey || event.metaKey) this.#set(zoomed(this.#camera, Math.exp(-event.deltaY / 200), at), true);
        else this.pan(event.shiftKey ? -event.deltaY : -event.deltaX, event.shiftKey ? 0 : -event.deltaY);
      },
      { passive: false },
    );
    svg.addEventListener('pointerdown', (event) => this.#press(event));
    svg.addEventListener('pointermove', (event) => this.#move(event));
    svg.addEventListener('pointerup', (event) => this.#release(event));
    svg.addEventListener('pointercancel', () => this.#drag.cancel());
    svg.addEventListener('pointerleave', () => this.#tooltip.hide());
    svg.addEventListener('dblclick', (event) => {
      const name = nodeAt(event);
      if (name !== null) this.#actions.reveal(name);
    });
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape' || !this.#drag.active) return;
        this.#drag.cancel();
        event.stopPropagation();
      },
      { capture: true },
    );
  }

  #point(event: MouseEvent): { readonly x: number; readonly y: number } {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0 && event.button !== 1) return;
    this.#pan = { x: event.clientX, y: event.clientY, moved: false };
    if (event.target instanceof Element) this.#tooltip.mute(event.target);
    const name = nodeAt(event);
    const draggable = name === null ? null : this.#state().tree?.byName.get(name)?.actions.move;
    if (name !== null && event.button === 0 && draggable !== null && draggable !== undefined)
      this.#drag.press(name, event);
  }

  #move(event: PointerEvent): void {
    if (this.#pan === null) {
      const { tree } = this.#state();
      if (tree !== null && event.target instanceof Element) {
        this.#tooltip.rest(
          tree,
          event.target,
          { x: event.clientX, y: event.clientY },
          this.element.getBoundingClientRect(),
        );
      }
      return;
    }
    this.#tooltip.hide();
    if (this.#drag.move(event, this.#camera.zoom)) {
      this.#pan.moved = true;
      return;
    }
    const { x, y } = this.#pan;
    if (!this.#pan.moved && Math.hypot(event.clientX - x, event.clientY - y) < 4) return;
    if (!this.#pan.moved) this.#picture.svg.setPointerCapture(event.pointerId);
    // A press on something that can be dragged does not move the picture.
    this.pan(event.clientX - x, event.clientY - y);
    this.#pan = { x: event.clientX, y: event.clientY, moved: true };
  }

  #release(event: PointerEvent): void {
    const pressed = this.#pan;
    this.#pan = null;
    this.#drag.drop();
    if (pressed === null || pressed.moved) return;
    const mark = event.target instanceof Element ? this.#picture.badges.of(event.target) : undefined;
    const [worst] = mark?.findings ?? [];
    if (mark !== undefined) {
      this.#actions.select(mark.name, worst === undefined, true);
      if (worst !== undefined) this.#actions.goTo(worst);
      return;
    }
    const name = nodeAt(event);
    if (name !== null && event.target instanceof Element && event.target.closest('[data-fold]') !== null) {
      this.#actions.toggle(name);
      return;
    }
    const { route } = this.#state();
    if (name !== null && route !== null && route.to === null && name !== route.from) this.#actions.routeTo(name);
    else if (name !== null && event.shiftKey && this.#state().selected !== null) this.#between(name);
    else this.#actions.select(name ?? portAt(event), true, true);
  }

  /** With the shift key: the route from what is selected. */
  #between(name: string): void {
    const { selected } = this.#state();
    if (selected === null || selected === name) return;
    this.#actions.routeFrom(selected);
    this.#actions.routeTo(name);
  }
}

function nodeAt(event: Event): string | null {
  return event.target instanceof Element
    ? (event.target.closest('[data-node]')?.getAttribute('data-node') ?? null)
    : null;
}

/** A wire stands for its port. */
function portAt(event: Event): string | null {
  return event.target instanceof Element
    ? (event.target.closest('[data-link]')?.getAttribute('data-link') ?? null)
    : null;
}
