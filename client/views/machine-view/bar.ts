import { h } from '../results/dom.ts';
import { say } from './host.ts';

/** The choice of the machine, where a file has several; else its name alone. */
export function machineChoice(machine: string, machines: readonly string[]): HTMLElement {
  if (machines.length < 2) return h('h1', {}, machine);
  const select = h(
    'select',
    {
      id: 'machine',
      'aria-label': 'Machine',
      onchange: () => say({ kind: 'machine', name: select.value }),
    },
    machines.map((name) => h('option', { value: name, selected: name === machine }, name)),
  );
  return h('h1', {}, select);
}

/** One of several ways to show the same: a group of which one button is pressed. */
export function toggles<K extends string>(
  label: string,
  names: Readonly<Record<K, string>>,
  chosen: K,
  choose: (key: K) => void,
): HTMLElement {
  const keys = Object.keys(names) as K[];
  return h(
    'div',
    { class: 'toggles', role: 'group', 'aria-label': label },
    keys.map((key) =>
      h(
        'button',
        {
          id: `toggle-${key}`,
          class: 'toggle',
          type: 'button',
          'aria-pressed': key === chosen ? 'true' : 'false',
          onclick: () => choose(key),
        },
        names[key],
      ),
    ),
  );
}

/** A name that leads to its place in the text. */
export const nameButton = (name: string, label: string, id?: string): HTMLElement =>
  h(
    'button',
    {
      id,
      class: 'name',
      type: 'button',
      title: `Show ${name} in the text`,
      onclick: () => say({ kind: 'reveal', name }),
    },
    label,
  );

/** A table of facts. */
export function facts(rows: readonly (readonly [string, Node | string])[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    rows.flatMap(([label, value]) => [h('dt', {}, label), h('dd', {}, value)]),
  );
}
