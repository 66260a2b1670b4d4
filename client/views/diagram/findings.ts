import type { DiagramFinding } from '../../../server/diagram/diagram.types.ts';

export type Severity = DiagramFinding['severity'];

const order: readonly Severity[] = ['error', 'warning', 'information'];

/** Told apart without colour too. */
export const symbols: Readonly<Record<Severity, string>> = { error: '×', warning: '!', information: 'i' };

/** The most serious first; within that in the order of the text. */
export const bySeverity = (findings: readonly DiagramFinding[]): readonly DiagramFinding[] =>
  [...findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));

/** Findings by the nodes that they are marked on. */
export function findingsByNode(
  findings: readonly DiagramFinding[],
): ReadonlyMap<string, readonly [DiagramFinding, ...DiagramFinding[]]> {
  const found = new Map<string, [DiagramFinding, ...DiagramFinding[]]>();
  for (const finding of bySeverity(findings)) {
    for (const name of finding.nodes) {
      const known = found.get(name);
      if (known === undefined) found.set(name, [finding]);
      else known.push(finding);
    }
  }
  return found;
}

/** `2 errors, 1 warning`; empty for none. */
export function countWords(findings: readonly DiagramFinding[]): string {
  return order
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${plural(severity, count)}`)
    .join(', ');
}

const plural = (severity: Severity, count: number): string =>
  severity === 'information' ? (count === 1 ? 'note' : 'notes') : count === 1 ? severity : `${severity}s`;
