import { type Change, type ChangeValue, compareMachines } from '../../model/compare/changes.ts';
import { formatBytes } from '../../model/quantity.ts';
import { readAnyMachine } from '../any-machine.ts';
import { exitCodes } from '../exit.ts';
import { print, printJson } from '../output.ts';

/** `pcie diff A B`: two machines compared by their structure. */
export async function diff(first: string, second: string, options: { readonly json?: boolean }): Promise<number> {
  const changes = compareMachines(await readAnyMachine(first), await readAnyMachine(second));
  if (options.json === true) printJson({ changes });
  else if (changes.length === 0) print('The machines are the same.');
  else for (const change of changes) print(changeText(change));
  return exitCodes.done;
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
