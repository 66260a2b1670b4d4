import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExpectationResult } from '../../simulator/simulate.types.ts';
import { type JudgedIncident, judgeIncidents } from '../incidents/judge.ts';

const folder = resolve(import.meta.dirname, '../incidents');
const page = resolve(import.meta.dirname, '../../docs/incidents.md');

/** Every incident of `test/incidents`, checked and simulated now. */
export async function allIncidents(): Promise<JudgedIncident[]> {
  const judge = await judgeIncidents();
  const judged: JudgedIncident[] = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.pcie'))) judged.push(await judge(name));
  return judged;
}

const isFinding = ({ text }: ExpectationResult) => /^(?:expect )?(?:no )?finding /.test(text);
const share = (all: readonly ExpectationResult[]) => `${all.filter(({ passed }) => passed).length} of ${all.length}`;

/** The section of the page: what is told, what is predicted, and what is missed by the page of incidents. */
export function incidentLines(judged: readonly JudgedIncident[]): string[] {
  const all = judged.flatMap(({ expectations }) => expectations);
  const told = all.filter(isFinding);
  const predicted = all.filter((one) => !isFinding(one));
  const missed = readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| [') && line.includes('**missed**'))
    .map((line) => line.split(' | '));
  return [
    '## Incidents',
    '',
    `What engineers reported in public, as ${judged.length} machines in \`test/incidents/\` ([incidents.md](incidents.md) has the reports).`,
    `Told as the report has it: ${share(told)} expectations of findings, those among them that nothing is told. Predicted within`,
    `the tolerance that its file states: ${share(predicted)} expectations of figures and ways. Missed: ${missed.length} figures of reports,`,
    'below the table.',
    '',
    '| Incident | Told | Predicted |',
    '|---|---|---|',
    ...judged.map(({ name, expectations }) => {
      const findings = expectations.filter(isFinding);
      const figures = expectations.filter((one) => !isFinding(one));
      const cell = (list: readonly ExpectationResult[], write: (one: ExpectationResult) => string) =>
        list.map((one) => `${one.passed ? '' : '**missed** '}${write(one).replaceAll('|', '/')}`).join('; ') || '-';
      const title = name.replace(/\.pcie$/, '').replaceAll('-', ' ');
      return `| [${title}](../test/incidents/${name}) | ${cell(findings, ({ text }) => shortly(text))} | ${cell(figures, (one) => `${shortly(one.text)}${found(one)}`)} |`;
    }),
    '',
    '| Missed figure | Predicted | Measured |',
    '|---|---|---|',
    ...missed.map((cells) => `${cells[0]} | ${cells[3]} | ${cells[4]?.replace(/ \|$/, '')} |`),
    '',
  ];
}

const shortly = (text: string) =>
  text
    .replace(/^expect /, '')
    .replace(/^finding /, '')
    .replace(/\s+/g, ' ');

/** The figure that came out, as it stands in the message. */
function found({ message, actual }: ExpectationResult): string {
  if (typeof actual !== 'number') return '';
  const said = /\bis ([\d.]+ ?[^,]*)/.exec(message)?.[1];
  return said === undefined ? '' : ` (is ${said})`;
}
