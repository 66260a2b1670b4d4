import type { DiagramFinding } from '../../../../server/diagram/diagram.types.ts';
import { h } from '../../results/dom.ts';
import { symbols } from '../findings.ts';
import type { Actions } from '../state.ts';

/** More than these are counted. */
const most = 5;

/** Findings to be read when pointing at them. */
export function findingList(findings: readonly DiagramFinding[]): HTMLElement {
  const rest = findings.length - most;
  return h(
    'ul',
    { class: 'findings' },
    findings
      .slice(0, most)
      .map((finding) => h('li', {}, sign(finding), finding.message, h('span', { class: 'note' }, ` ${finding.code}`))),
    rest > 0 ? h('li', { class: 'note' }, `and ${rest} more`) : null,
  );
}

/** What is otherwise in the machine that this one is compared with. */
export function differenceList(words: readonly string[]): HTMLElement {
  return h(
    'ul',
    { class: 'findings' },
    words.map((each) => h('li', {}, h('span', { class: 'sign differs', 'aria-hidden': 'true' }, '≠'), each)),
  );
}

/** Findings of what is selected, each leading to its line. */
export function findingsOf(findings: readonly DiagramFinding[], actions: Actions): HTMLElement | null {
  if (findings.length === 0) return null;
  return h(
    'ul',
    { class: 'findings', 'aria-label': 'Findings' },
    findings.map((finding, index) => findingItem(finding, `finding-${index}`, actions)),
  );
}

/** A finding with the way to its line. */
export const findingItem = (finding: DiagramFinding, id: string, actions: Actions): HTMLElement =>
  h(
    'li',
    {},
    sign(finding),
    `${finding.message} `,
    h(
      'button',
      {
        id,
        class: 'name',
        type: 'button',
        title: `Show ${finding.code} in the text`,
        onclick: () => actions.goTo(finding),
      },
      `line ${finding.range.start.line + 1}`,
    ),
  );

const sign = ({ severity }: DiagramFinding): HTMLElement =>
  h('span', { class: `sign ${severity}` }, symbols[severity], h('span', { class: 'hidden' }, `${severity}: `));
