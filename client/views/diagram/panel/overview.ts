import type { DiagramLimit, DiagramLoad, DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import { h } from '../../results/dom.ts';
import { bySeverity } from '../findings.ts';
import type { CheckedDiagram } from '../layout/tree.ts';
import { isPort } from '../layout/tree.ts';
import type { Actions, ViewState } from '../state.ts';
import { kindNames, limitSign, share } from '../words.ts';
import { differenceList, findingItem } from './findings.ts';
import { legend } from './legend.ts';

/** More findings, and more limits, than these are counted; the keys lead from one finding to the next. */
const most = { findings: 6, limits: 5 };

/** What is read while nothing is selected: what the machine has, what limits it, what the rules say of it. */
export function overviewOf(state: ViewState, actions: Actions): HTMLElement {
  const diagram = state.tree?.diagram;
  if (diagram === undefined) return nothing();
  return h(
    'section',
    { class: 'overview', 'aria-labelledby': 'overview-title' },
    h('h2', { id: 'overview-title' }, diagram.machine),
    h('p', { class: 'note' }, contents(diagram.nodes)),
    ...limits(diagram, actions),
    ...differences(state),
    ...findings(diagram, actions),
    // Over the picture where there is room for it.
    legend(state),
    h(
      'p',
      { class: 'note hint' },
      'Point at a thing to read of it, click it to change it. R lights the route from one device to another; ? shows all keys.',
    ),
  );
}

/** One line of it, for where there is no room for more. */
export function overviewLine({ tree }: ViewState): string {
  if (tree === null) return 'No machine yet';
  const { machine, load, findings: found } = tree.diagram;
  const [first] = load?.limits ?? [];
  const words = [
    machine,
    first === undefined ? '' : `${limitSign} ${first.name}`,
    found.length === 0 ? '' : `${found.length} ${found.length === 1 ? 'finding' : 'findings'}`,
  ];
  return words.filter((word) => word !== '').join(' · ');
}

/** The end of a run, for who hears it; empty without one. */
export function loadLine(load: DiagramLoad | null): string {
  if (load === null || load.stale) return '';
  const names = load.limits.map((limit) => limit.name);
  return `Simulated ${load.run ?? 'all work'}${names.length === 0 ? '' : `: limited by ${names.join(', ')}`}`;
}

function nothing(): HTMLElement {
  return h(
    'section',
    { class: 'overview', 'aria-labelledby': 'overview-title' },
    h('h1', { id: 'overview-title' }, 'No machine yet'),
    h('p', {}, 'What the text describes is drawn here as it is typed. The smallest machine with a link:'),
    h('pre', {}, 'machine mine {\n  socket cpu0 {\n    root-port rp0 gen4 x16 {\n      gpu gpu0\n    }\n  }\n}'),
  );
}

/** `1 socket, 2 switches, 4 GPUs, 1 NVMe drive`: in the order of the picture's words, ports left out. */
function contents(nodes: readonly DiagramNode[]): string {
  const counts = new Map<DiagramNode['kind'], number>();
  for (const node of nodes) if (!isPort(node)) counts.set(node.kind, (counts.get(node.kind) ?? 0) + 1);
  const kinds = Object.keys(kindNames) as DiagramNode['kind'][];
  return kinds
    .filter((kind) => counts.has(kind))
    .map((kind) => `${counts.get(kind) ?? 0} ${plural(kindNames[kind], counts.get(kind) ?? 0)}`)
    .join(', ');
}

function plural(name: string, count: number): string {
  if (count === 1) return name;
  const [first = '', ...rest] = name.split(' to ');
  return [/(?:ch|s)$/i.test(first) ? `${first}es` : `${first}s`, ...rest].join(' to ');
}

function limits({ load }: CheckedDiagram, actions: Actions): HTMLElement[] {
  if (load === null) {
    return [
      h('p', { class: 'note' }, 'Not simulated yet: “Simulate” shows the load of every link, and the bottleneck.'),
    ];
  }
  const of = load.run ?? 'the work of this file';
  const title = h(
    'h3',
    {},
    `What limits ${of}`,
    load.stale ? h('span', { class: 'note' }, ' before the text changed') : null,
  );
  if (load.limits.length === 0)
    return [title, h('p', { class: 'note' }, 'Nothing that is named: the run moved no data.')];
  const rest = load.limits.length - most.limits;
  return [
    title,
    h(
      'ul',
      { class: 'limits' },
      load.limits.slice(0, most.limits).map((limit, index) => limitItem(limit, index, actions)),
      rest > 0 ? h('li', { class: 'note' }, `and ${rest} more`) : null,
    ),
  ];
}

/** How the machine differs from one that it is compared with. */
function differences({ differences: compared }: ViewState): HTMLElement[] {
  if (compared === null) return [];
  const { other, changes } = compared;
  const rest = changes.length - most.findings;
  const words = changes.slice(0, most.findings).map((change) => change.words);
  if (rest > 0) words.push(`and ${rest} more`);
  const title = h('h3', {}, `Different in ${other}`);
  return [title, words.length === 0 ? h('p', { class: 'note' }, 'Nothing.') : differenceList(words)];
}

/** What kinds of limits are called. */
const kindWords: Readonly<Record<DiagramLimit['kind'], string>> = {
  link: 'link',
  device: 'device',
  memory: 'memory',
  'root-complex': 'root complex',
  interconnect: 'connection',
  engine: 'engine',
  latency: 'latency',
  tags: 'tags',
};

function limitItem(limit: DiagramLimit, index: number, actions: Actions): HTMLElement {
  const { name, at, kind, holds, holdsCount } = limit;
  const rest = holdsCount - holds.length;
  const held = `${holds.map((name) => `“${name}”`).join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`;
  const isNode = at !== null && !at.includes(' ');
  return h(
    'li',
    {},
    h('span', { class: 'sign limit', 'aria-hidden': 'true' }, limitSign),
    isNode
      ? h(
          'button',
          { id: `limit-${index}`, class: 'name', type: 'button', onclick: () => actions.select(at, true) },
          name,
        )
      : name,
    ` ${kindWords[kind]}: holds back ${held} for ${share(limit.share)} of the run`,
  );
}

function findings({ findings: all }: CheckedDiagram, actions: Actions): HTMLElement[] {
  if (all.length === 0) return [];
  const rest = all.length - most.findings;
  return [
    h('h3', {}, 'Findings'),
    h(
      'ul',
      { class: 'findings' },
      bySeverity(all)
        .slice(0, most.findings)
        .map((finding, index) => findingItem(finding, `overview-finding-${index}`, actions)),
      rest > 0 ? h('li', { class: 'note' }, `and ${rest} more: F leads from one to the next`) : null,
    ),
  ];
}
