import { laneCounts } from '../../../../model/link/generation.ts';
import type { DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import { h, hidden } from '../../results/dom.ts';
import { differencesByNode } from '../differences.ts';
import { expandable } from '../draw/nodes.ts';
import { isPort, type Tree } from '../layout/tree.ts';
import type { Actions, ViewState } from '../state.ts';
import { kindNames } from '../words.ts';
import { nodeRows, type Row } from './facts.ts';
import { differenceList, findingsOf } from './findings.ts';

/** What is selected: what is known of it, and what can be done to it. Everything here works by keyboard. */
export function detailsOf(state: ViewState, actions: Actions): HTMLElement | null {
  const { tree, selected } = state;
  const node = tree === null || selected === null ? undefined : tree.byName.get(selected);
  if (tree === null || node === undefined) return null;
  return h(
    'section',
    { class: 'details', 'aria-labelledby': 'details-title' },
    h('h2', { id: 'details-title' }, node.shortName, h('span', { class: 'note' }, kindNames[node.kind])),
    node.name === node.shortName ? null : h('p', { class: 'note full-name' }, node.name),
    findingsOf(tree.findings.get(node.name) ?? [], actions),
    differencesOf(state, tree, node.name),
    table(nodeRows(tree, node)),
    doing(state, node, actions),
    changing(tree, node, actions),
  );
}

function differencesOf(state: ViewState, tree: Tree, name: string): HTMLElement | null {
  const found = differencesByNode(state.differences, tree).get(name);
  if (found === undefined) return null;
  return h('div', {}, h('h3', {}, `Different in ${state.differences?.other ?? ''}`), differenceList(found));
}

export function table(rows: readonly Row[]): HTMLElement {
  return h(
    'dl',
    {},
    rows.map(([label, value]) => h('div', {}, h('dt', {}, label), h('dd', {}, value))),
  );
}

const inner = new Set<DiagramNode['kind']>(['root-port', 'switch', 'port', 'bridge', 'chipset', 'nvswitch']);

/** What data can start from or go to. */
export const isEnd = (node: DiagramNode): boolean => !inner.has(node.kind);

function doing(state: ViewState, node: DiagramNode, actions: Actions): HTMLElement {
  const { tree, collapsed } = state;
  const buttons: (HTMLElement | null)[] = [
    button('reveal', 'Show in text', () => actions.reveal(node.name)),
    isEnd(node) ? button('route-from', 'Route from here', () => actions.routeFrom(node.name)) : null,
    tree !== null && expandable(tree, node)
      ? button('toggle', collapsed.has(node.name) ? 'Unfold' : 'Fold', () => actions.toggle(node.name))
      : null,
  ];
  return h('div', { class: 'doing' }, buttons);
}

function button(id: string, text: string, onclick: () => void): HTMLElement {
  return h('button', { id: `do-${id}`, class: 'action quiet-action', type: 'button', onclick }, text);
}

/** Changes of the text. What cannot be changed says why. */
function changing(tree: Tree, node: DiagramNode, actions: Actions): HTMLElement | null {
  const rows: HTMLElement[] = [];
  const { move, link, acs } = node.actions;
  if (link === true) rows.push(...linkChoice(tree, node, actions));
  if (acs === true) rows.push(acsChoice(tree, node, actions));
  if (move === true) rows.push(moveChoice(tree, node, actions));
  for (const reason of new Set([move, link, acs])) {
    if (typeof reason === 'string') rows.push(h('p', { class: 'note' }, reason));
  }
  return rows.length === 0 ? null : h('div', { class: 'changing' }, h('h3', {}, 'Change the text'), rows);
}

function linkChoice(tree: Tree, node: DiagramNode, actions: Actions): HTMLElement[] {
  const now = (tree.linkOfPort.get(node.name) ?? tree.linkOfDevice.get(node.name))?.trained;
  const said = /Gen(\d+) x(\d+)/.exec(node.facts.find(([label]) => label === 'Can do')?.[1] ?? '');
  const lanes = Number(said?.[2] ?? now?.lanes ?? 16);
  const generation = Number(said?.[1] ?? now?.generation ?? 4);
  const set = (wide: number, fast: number | null) =>
    actions.change({ kind: 'link', port: node.name, lanes: wide, generation: fast });
  return [
    choice(
      'lanes',
      'Width',
      laneCounts.map((n) => [String(n), `x${n}`]),
      String(lanes),
      (value) => set(Number(value), null),
    ),
    choice(
      'generation',
      'Generation',
      [1, 2, 3, 4, 5, 6, 7].map((n) => [String(n), `Gen${n}`]),
      String(generation),
      (value) => set(lanes, Number(value)),
    ),
  ];
}

function acsChoice(tree: Tree, node: DiagramNode, actions: Actions): HTMLElement {
  const ports = node.acs === null ? tree.below(node.name).filter(isPort) : [node];
  const on = ports.some((port) => port.acs?.redirects === true);
  const words = node.acs === null ? ' of all ports' : '';
  return h(
    'label',
    { class: 'check' },
    h('input', {
      id: 'change-acs',
      type: 'checkbox',
      checked: on,
      onchange: () => actions.change({ kind: 'acs', port: node.name, on: !on }),
    }),
    `ACS redirects peers${words}`,
  );
}

function moveChoice(tree: Tree, node: DiagramNode, actions: Actions): HTMLElement {
  const free = tree.diagram.nodes.filter(
    (port) => port.actions.takes === true && !port.name.startsWith(`${node.name}.`),
  );
  if (free.length === 0) return h('p', { class: 'note' }, 'No port is free to move it to.');
  const options: (readonly [string, string])[] = [
    ['', 'choose a free port'],
    ...free.map((port) => [port.name, port.shortName] as const),
  ];
  return choice('move', 'Move to', options, '', (port) => {
    if (port !== '') actions.change({ kind: 'move', device: node.name, port });
  });
}

function choice(
  id: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  value: string,
  onchoose: (value: string) => void,
): HTMLElement {
  return h(
    'label',
    { class: 'choice' },
    h('span', {}, label),
    h(
      'select',
      {
        id: `change-${id}`,
        onchange: (event) => {
          if (event.target instanceof HTMLSelectElement) onchoose(event.target.value);
        },
      },
      options.map(([each, text]) => h('option', { value: each, selected: each === value }, text)),
    ),
  );
}

export const close = (id: string, what: string, onclick: () => void): HTMLElement =>
  h(
    'button',
    { id, class: 'close', type: 'button', title: what, onclick },
    h('span', { 'aria-hidden': 'true' }, '×'),
    hidden(what),
  );
