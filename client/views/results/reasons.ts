import type { TransferExplanation } from '../../../simulator/explain/explain.types.ts';
import type { LimitPhase, TransferResult } from '../../../simulator/simulate.types.ts';
import { h } from './dom.ts';
import { limitList, waterfall } from './limits.ts';
import { nameButton } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { limitNames, rate, time } from './text.ts';

/** What stands below a transfer: the reasons for its route, what held it back, and its latency part by part. */
export function whyOf(
  scene: Scene,
  id: string,
  transfer: TransferResult,
  explanation: TransferExplanation | undefined,
): HTMLElement {
  const reasons = transfer.reasons.map((reason, index) =>
    h(
      'li',
      {},
      reason.at === null ? null : nameButton(scene, `${id}-at-${index}`, reason.at),
      reason.at === null ? null : ': ',
      reason.message,
      ' ',
      h('code', {}, reason.code),
    ),
  );
  const held =
    explanation === undefined
      ? h('ul', { class: 'phases' }, someItems(transfer.phases.map((phase) => phaseItem(scene, phase))))
      : limitList(scene, explanation);
  return h(
    'div',
    { class: 'detail-content' },
    h(
      'div',
      {},
      h('h3', {}, 'Why this route'),
      h('ol', {}, reasons.length === 0 ? [h('li', {}, 'No reason was given.')] : reasons),
    ),
    h('div', {}, h('h3', {}, 'What held it back'), held),
    explanation === undefined || explanation.latency.length === 0
      ? null
      : waterfall(scene, `${id}-latency`, explanation),
  );
}

function phaseItem(scene: Scene, phase: LimitPhase): HTMLElement {
  const { startSeconds, endSeconds, bytesPerSecond, limitedBy, kind, next } = phase;
  const then =
    next == null ? '' : `, then by ${shortName(scene.state, next.limitedBy)} at ${rate(next.bytesPerSecond)}`;
  return h(
    'li',
    {},
    h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }),
    `${time(startSeconds)} to ${time(endSeconds)}: ${rate(bytesPerSecond)}, held back by ${shortName(scene.state, limitedBy)} (${limitNames[kind]})${then}`,
  );
}

function someItems(items: readonly HTMLElement[], limit = 40): readonly HTMLElement[] {
  if (items.length <= limit) return items;
  return [...items.slice(0, limit), h('li', {}, `and ${items.length - limit} more`)];
}
