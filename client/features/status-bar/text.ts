import { recordSummary } from '../../../server/runs/summary.ts';
import type { KeptRun } from '../../core/run-book.ts';

/** What is known of the document that somebody looks at. */
export interface Looked {
  readonly file: string;
  /** Names of its machines, in the order of the text; at least one. */
  readonly machines: readonly [string, ...string[]];
  readonly errors: number;
  readonly warnings: number;
  /** Its last run. */
  readonly last: KeptRun | undefined;
}

export interface BarText {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
}

/** What the status bar says of a document: its machine, and what its last run came to. */
export function barText({ file, machines: [machine, ...others], errors, warnings, last }: Looked): BarText {
  const more = others.length === 0 ? '' : ` +${others.length}`;
  const words = [`$(type-hierarchy) ${machine}${more}`];
  const lines = [
    `**${[machine, ...others].join(', ')}** in ${file}`,
    `${counted(errors, 'error')}, ${counted(warnings, 'warning').toLowerCase()}`,
  ];
  if (last !== undefined) {
    const { name, stale, variants } = last.record;
    const what = name ?? 'all work';
    const summary = recordSummary(last.record);
    const [first] = summary.split(' · ');
    words.push(`${what} ${variants.length > 1 ? 'compared' : first}${stale ? ' (stale)' : ''}`);
    lines.push(`Last run${stale ? ', of an older text' : ''}: ${what}: ${summary.replaceAll('|', '\\|')}`);
  }
  const links = [link('Show Topology', 'pcie.showTopology'), link('Simulate…', 'pcie.simulate')];
  if (last !== undefined) links.push(link('Show Results', 'pcie.showResults'));
  return { text: words.join(' · '), tooltip: [...lines, links.join(' · ')].join('\n\n') };
}

const counted = (number: number, noun: string): string =>
  `${number === 0 ? 'No' : number} ${noun}${number === 1 ? '' : 's'}`;

const link = (label: string, command: string): string => `[${label}](command:${command})`;
