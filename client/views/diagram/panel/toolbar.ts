import { h } from '../../results/dom.ts';
import { differencesByNode } from '../differences.ts';
import { bySeverity, countWords, symbols } from '../findings.ts';
import type { CheckedDiagram } from '../layout/tree.ts';
import { Same } from '../same.ts';
import { matches } from '../search.ts';
import { type Actions, type Overlay, overlays, type ViewState } from '../state.ts';
import { overlayNames } from '../words.ts';

/** The controls above the picture. The search field stays the same element, so that typing is not disturbed. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #actions: Actions;
  readonly #from = new Same();
  readonly #search: HTMLInputElement;
  readonly #count: HTMLElement;
  readonly #left: HTMLElement;
  readonly #right: HTMLElement;

  constructor(actions: Actions) {
    this.#actions = actions;
    this.#search = h('input', {
      id: 'search',
      type: 'search',
      placeholder: 'Find',
      'aria-label': 'Find in the picture',
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: () => actions.search(this.#search.value),
    });
    this.#search.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') actions.next(event.shiftKey ? -1 : 1);
      else if (event.key === 'Escape' && this.#search.value !== '') this.#clear();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.#count = h('span', { class: 'count', role: 'status' });
    this.#left = h('div', { class: 'tools' });
    this.#right = h('div', { class: 'tools right' });
    this.element = h(
      'header',
      {},
      this.#left,
      h('div', { class: 'tools find' }, this.#search, this.#count),
      this.#right,
    );
  }

  focusSearch(): void {
    this.#search.focus();
    this.#search.select();
  }

  update(state: ViewState): void {
    const { tree, query, overlays, differences } = state;
    const { nodes, machine, machines, findings, load } = tree?.diagram ?? {};
    const sought = query.trim() === '' && differences === null ? null : nodes;
    if (this.#from.as(tree === null, query, sought, overlays, differences, machine, machines, findings, load)) return;
    const focused = document.activeElement?.id ?? '';
    this.#left.replaceChildren(...this.#choices(state));
    this.#right.replaceChildren(...(tree === null ? [] : this.#buttons()));
    this.#search.hidden = tree === null;
    if (focused !== '' && focused !== 'search') document.getElementById(focused)?.focus({ preventScroll: true });
    const found = tree === null ? [] : matches(tree.diagram.nodes, state.query);
    this.#count.textContent = state.query.trim() === '' ? '' : `${found.length} found`;
  }

  #clear(): void {
    this.#search.value = '';
    this.#actions.search('');
  }

  #choices(state: ViewState): HTMLElement[] {
    const diagram = state.tree?.diagram;
    if (diagram === undefined) return [];
    const { machines } = diagram;
    const made: HTMLElement[] = [];
    if (machines.length > 1) {
      const options = machines.map((name) => h('option', { value: name, selected: name === diagram.machine }, name));
      made.push(
        h(
          'select',
          {
            id: 'machine',
            'aria-label': 'Machine',
            onchange: (event) => {
              if (event.target instanceof HTMLSelectElement) this.#actions.machine(event.target.value);
            },
          },
          options,
        ),
      );
    } else made.push(h('h1', {}, diagram.machine));
    const group = h('div', { class: 'toggles', role: 'group', 'aria-label': 'Overlays' });
    for (const overlay of overlays) {
      // Rarely is anything compared: then there is no button for it.
      if (overlay === 'differences' && state.differences === null) continue;
      const off = nothingOf(overlay, diagram);
      const pressed = state.overlays.has(overlay) && off === null;
      const count = off === null ? countOf(overlay, state) : '';
      const title = off ?? titleOf(overlay, state);
      const stale = overlay === 'load' && diagram.load?.stale === true;
      group.append(
        h(
          'button',
          {
            id: `overlay-${overlay}`,
            class: 'toggle',
            type: 'button',
            'aria-pressed': pressed ? 'true' : 'false',
            disabled: off !== null,
            title: stale ? 'From a run before the text changed' : title,
            onclick: () => this.#actions.overlay(overlay),
          },
          `${overlayNames[overlay]}${count}`,
          stale ? h('span', { class: 'stale' }, ' (stale)') : null,
        ),
      );
    }
    made.push(group, ...this.#wholeFindings(diagram));
    const simulate = () => this.#actions.simulate();
    made.push(this.#button('simulate', 'Simulate', 'Simulate the work of this file', simulate));
    return made;
  }

  /** What is wrong with the machine as a whole has no place in the picture. */
  #wholeFindings(diagram: CheckedDiagram): HTMLElement[] {
    const found = bySeverity(diagram.findings.filter((finding) => finding.nodes.length === 0));
    const [worst] = found;
    if (worst === undefined) return [];
    const words = found.map((finding) => finding.message).join('\n');
    const many = found.length > 1 ? ` ${found.length}` : '';
    const title = `${words}\nOf the machine as a whole: show in the text`;
    return [
      h(
        'button',
        {
          id: 'machine-findings',
          class: `tool whole ${worst.severity}`,
          type: 'button',
          title,
          'aria-label': `${countWords(found)} of the machine as a whole: ${words}`,
          onclick: () => this.#actions.goTo(worst),
        },
        h('span', { 'aria-hidden': 'true' }, `${symbols[worst.severity]}${many}`),
      ),
    ];
  }

  #buttons(): HTMLElement[] {
    const { zoom, fit, save, help, foldAll } = this.#actions;
    return [
      this.#button('fold', 'Fold', 'Fold all switches', () => foldAll(true)),
      this.#button('unfold', 'Unfold', 'Unfold everything', () => foldAll(false)),
      this.#button('zoom-out', '−', 'Zoom out', () => zoom(1 / 1.25)),
      this.#button('zoom-in', '+', 'Zoom in', () => zoom(1.25)),
      this.#button('fit', 'Fit', 'Fit everything', fit),
      this.#button('save-svg', 'SVG', 'Save the picture as SVG', () => save('svg')),
      this.#button('save-png', 'PNG', 'Save the picture as PNG', () => save('png')),
      this.#button('help', '?', 'Show the keys', help),
    ];
  }

  #button(id: string, text: string, title: string, onclick: () => void): HTMLElement {
    return h('button', { id, class: 'tool', type: 'button', title, 'aria-label': title, onclick }, text);
  }
}

/** Why an overlay has nothing to show; null where it has. */
function nothingOf(overlay: Overlay, diagram: CheckedDiagram): string | null {
  if (overlay === 'load' && diagram.load === null) return 'Nothing was simulated yet';
  return overlay === 'findings' && diagram.findings.length === 0 ? 'The rules find nothing here' : null;
}

function countOf(overlay: Overlay, { tree, differences }: ViewState): string {
  if (overlay === 'findings') return ` ${tree?.diagram.findings.length ?? 0}`;
  return overlay === 'differences' ? ` ${differences?.changes.length ?? 0}` : '';
}

function titleOf(overlay: Overlay, { tree, differences }: ViewState): string {
  const name = `Show ${overlayNames[overlay]}`;
  if (overlay === 'findings') return `${name}: ${countWords(tree?.diagram.findings ?? [])}`;
  if (overlay !== 'differences' || differences === null || tree === null) return name;
  const whole = differencesByNode(differences, tree).get(null) ?? [];
  return [`${name}: what is otherwise in ${differences.other}`, ...whole].join('\n');
}
