import type { Change, ChangeValue } from '../../model/compare/changes.ts';
import { formatBytes } from '../../model/quantity.ts';

/** The differences of two machines, a line each. */
export function changesText(changes: readonly Change[]): string {
  return changes.length === 0 ? 'The machines are the same.\n' : `${changes.map(changeText).join('\n')}\n`;
}

/** One difference in a line, as a person would say it. */
export function changeText({ kind, subject, property, before, after }: Change): string {
  switch (kind) {
    case 'added':
      return `+ ${subject} (${valueText(after, property)})`;
    case 'removed':
      return `- ${subject} (${valueText(before, property)})`;
    case 'moved':
      return `> ${subject}: moved from ${valueText(before, property)} to ${valueText(after, property)}`;
    case 'changed':
      return `~ ${subject}: ${property} ${valueText(before, property)} -> ${valueText(after, property)}`;
  }
}

function valueText(value: ChangeValue, property: string | null): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(' ');
  if (typeof value === 'number') {
    if (property === 'link.generation') return `Gen${value}`;
    if (property === 'link.width') return `x${value}`;
    if (/bytes$/i.test(property ?? '')) return formatBytes(value);
  }
  return String(value);
}
