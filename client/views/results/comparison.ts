import type {
  ComparedExpectation,
  ComparedTransfer,
  ComparedUse,
  RunComparison,
  TransferFigures,
} from '../../../server/protocol.ts';
import { routeNames } from '../route-names.ts';
import { h, hidden, place } from './dom.ts';
import { type Column, meter, nameButton, section, someRows, table, verdict } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { factor, rate, time } from './text.ts';

/** Two results side by side: the transfers, what is busier or idler, and which expectations hold in one of them only. */
export function comparisonSections(scene: Scene, id: string, comparison: RunComparison): readonly HTMLElement[] {
  const parts = [
    transfersPart(scene, `${id}-transfers`, comparison),
    h(
      'div',
      { class: 'columns' },
      ...[usePart(scene, `${id}-use`, comparison), expectationsPart(scene, `${id}-expectations`, comparison)].filter(
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
  const columns: readonly Column<ComparedTransfer>[] = [
    { title: 'Transfer', kind: 'wrap', cell: ({ name }) => name.replace(' -> ', ' → ') },
    {
      title: 'Rate',
      kind: 'number strong',
      hint: `Of ${lower(after.label)} against ${lower(before.label)}`,
      cell: ({ rateRatio }) => changed(rateRatio, rateRatio),
    },
    {
      title: 'First byte',
      kind: 'number wide',
      hint: `Latency of ${lower(after.label)} against ${lower(before.label)}: less is better`,
      cell: ({ latencyRatio }) => changed(latencyRatio, latencyRatio === null ? null : 1 / latencyRatio),
    },
    { title: before.label, kind: 'variant', cell: (row) => sideOf(scene, row.before, fastest, 'before') },
    { title: after.label, kind: 'variant', cell: (row) => sideOf(scene, row.after, fastest, 'after') },
  ];
  const whole = `${time(before.makespanSeconds)} before, ${time(after.makespanSeconds)} after`;
  const note = speedup === null ? whole : `${whole}: ${verdictOn(speedup)}`;
  return section(
    scene,
    id,
    `${before.label} against ${lower(after.label)}`,
    note,
    table('Comparison', columns, shown),
    more,
  );
}

/** A ratio, and whether it is for the better: `gain` above 1 is. Less than a hundredth is no change. */
function changed(ratio: number | null, gain: number | null): HTMLElement | '' {
  if (ratio === null || gain === null) return '';
  if (Math.abs(ratio - 1) < 0.01) return h('span', { class: 'quiet' }, 'same');
  return h('span', { class: gain > 1 ? 'faster' : 'slower' }, factor(ratio));
}

/** The makespans in words; less than a hundredth is nothing. */
function verdictOn(speedup: number): string {
  if (Math.abs(speedup - 1) < 0.01) return 'as fast';
  return speedup > 1 ? `${factor(speedup)} as fast` : `${factor(1 / speedup)} as slow`;
}

const lower = (label: string): string => label.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());

function sideOf(scene: Scene, side: TransferFigures | null, fastest: number, kind: string): readonly HTMLElement[] {
  if (side === null) return [h('span', { class: 'quiet' }, 'not run')];
  const width = fastest > 0 ? side.bytesPerSecond / fastest : 0;
  return [
    h('span', { class: 'track', 'aria-hidden': 'true' }, place(h('span', { class: `bar ${kind}` }), 0, width)),
    h('span', { class: 'variant-figures' }, h('strong', {}, rate(side.bytesPerSecond)), ` in ${time(side.seconds)}`),
    h(
      'span',
      { class: 'variant-route' },
      `${side.route === 'direct' ? 'direct' : routeNames[side.route]}, limited by ${shortName(scene.state, side.bottleneck)}`,
    ),
  ];
}

function usePart(scene: Scene, id: string, { before, after, use }: RunComparison): HTMLElement | null {
  if (use.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, use, 10, 'changes');
  const arrows = { up: '↑', down: '↓' } as const;
  const columns: readonly Column<ComparedUse>[] = [
    {
      title: 'What',
      cell: ({ name, direction }, index) => [
        nameButton(scene, `${id}-${index}`, name),
        ...(direction === null
          ? []
          : [h('span', { class: 'way', 'aria-hidden': 'true' }, ` ${arrows[direction]}`), hidden(` ${direction}`)]),
      ],
    },
    { title: before.label, kind: 'use', cell: (one) => meter(one.before, before.label) },
    { title: after.label, kind: 'use', cell: (one) => meter(one.after, after.label) },
  ];
  return section(
    scene,
    id,
    'Busier and idler',
    'share of the run in which it was busy',
    table('Busier and idler', columns, shown),
    more,
  );
}

function expectationsPart(
  scene: Scene,
  id: string,
  { before, after, expectations }: RunComparison,
): HTMLElement | null {
  if (expectations.length === 0) return null;
  const cell = (passed: boolean | null): HTMLElement =>
    passed === null ? h('span', { class: 'quiet' }, 'none') : verdict(passed);
  const columns: readonly Column<ComparedExpectation>[] = [
    { title: 'Expectation', kind: 'wrap', cell: ({ text }) => text.replace(/(^|: )expect /, '$1') },
    { title: before.label, cell: (one) => cell(one.before) },
    { title: after.label, cell: (one) => cell(one.after) },
  ];
  const title = 'Expectations that differ';
  return section(scene, id, title, '', table(title, columns, expectations));
}
