import type { ComparedTransfer, RunComparison, TransferFigures } from '../../../server/protocol.ts';
import { h, hidden, place } from './dom.ts';
import { column, meter, nameButton, section, someRows, table, verdict } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { factor, rate, routeNames, time } from './text.ts';

/** Two results side by side: the transfers, what is busier or idler, and which expectations hold in one of them only. */
export function comparisonSections(scene: Scene, id: string, comparison: RunComparison): readonly HTMLElement[] {
  const parts = [
    transfersPart(scene, `${id}-transfers`, comparison),
    h(
      'div',
      { class: 'columns' },
      ...[usePart(scene, `${id}-use`, comparison), expectationsPart(`${id}-expectations`, comparison)].filter(
        (part) => part !== null,
      ),
    ),
  ];
  return parts;
}

function transfersPart(scene: Scene, id: string, { before, after, speedup, transfers }: RunComparison): HTMLElement {
  const { shown, more } = someRows(scene, `${id}-more`, transfers, 40, 'transfers');
  const rates = transfers.flatMap((row) => [row.before?.bytesPerSecond ?? 0, row.after?.bytesPerSecond ?? 0]);
  const fastest = Math.max(0, ...rates);
  const head = [
    column('Transfer'),
    column(before.label),
    column(after.label),
    column('Rate', 'number', 'The second against the first'),
    column('First byte', 'number', 'The second against the first'),
  ];
  const body = shown.map((row) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, row.name),
      sideCell(scene, row.before, fastest, 'before'),
      sideCell(scene, row.after, fastest, 'after'),
      h('td', { class: `number strong ${direction(row)}` }, factor(row.rateRatio)),
      h('td', { class: 'number' }, factor(row.latencyRatio)),
    ),
  );
  const whole = `${time(before.makespanSeconds)} before, ${time(after.makespanSeconds)} after`;
  const note = speedup === null ? whole : `${whole}: ${verdictOn(speedup)}`;
  return section(id, `${before.label} against ${lower(after.label)}`, note, table('Comparison', head, body), more);
}

/** The makespans in words; less than a hundredth is nothing. */
function verdictOn(speedup: number): string {
  if (Math.abs(speedup - 1) < 0.01) return 'as fast';
  return speedup > 1 ? `${factor(speedup)} as fast` : `${factor(1 / speedup)} as slow`;
}

const lower = (label: string): string => label.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());

const direction = ({ rateRatio }: ComparedTransfer): string =>
  rateRatio === null || Math.abs(rateRatio - 1) < 0.01 ? '' : rateRatio > 1 ? 'faster' : 'slower';

function sideCell(scene: Scene, side: TransferFigures | null, fastest: number, kind: string): HTMLElement {
  if (side === null) return h('td', { class: 'quiet' }, 'not run');
  const width = fastest > 0 ? side.bytesPerSecond / fastest : 0;
  return h(
    'td',
    { class: 'variant' },
    h('span', { class: 'track', 'aria-hidden': 'true' }, place(h('span', { class: `bar ${kind}` }), 0, width)),
    h('span', { class: 'variant-figures' }, h('strong', {}, rate(side.bytesPerSecond)), ` ${time(side.seconds)}`),
    h(
      'span',
      { class: 'variant-route' },
      `${routeNames[side.route]}, limited by ${shortName(scene.state, side.bottleneck)}`,
    ),
  );
}

function usePart(scene: Scene, id: string, { before, after, use }: RunComparison): HTMLElement | null {
  if (use.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, use, 10, 'changes');
  const arrows = { up: '↑', down: '↓' } as const;
  const rows = shown.map((one, index) =>
    h(
      'tr',
      {},
      h(
        'th',
        { scope: 'row' },
        nameButton(scene, `${id}-${index}`, one.name),
        one.direction === null ? null : h('span', { class: 'way', 'aria-hidden': 'true' }, ` ${arrows[one.direction]}`),
        one.direction === null ? null : hidden(` ${one.direction}`),
      ),
      h('td', { class: 'use' }, meter(one.before, before.label)),
      h('td', { class: 'use' }, meter(one.after, after.label)),
    ),
  );
  const head = [column('What'), column(before.label, 'use'), column(after.label, 'use')];
  return section(id, 'Busier and idler', 'share of the run', table('Busier and idler', head, rows), more);
}

function expectationsPart(id: string, { before, after, expectations }: RunComparison): HTMLElement | null {
  if (expectations.length === 0) return null;
  const cell = (passed: boolean | null): HTMLElement =>
    h('td', {}, passed === null ? h('span', { class: 'quiet' }, 'none') : verdict(passed));
  const rows = expectations.map((one) =>
    h('tr', {}, h('th', { scope: 'row', class: 'wrap' }, one.text), cell(one.before), cell(one.after)),
  );
  const head = [column('Expectation'), column(before.label), column(after.label)];
  return section(id, 'Expectations that differ', '', table('Expectations that differ', head, rows));
}
