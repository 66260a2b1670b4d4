import type { LangiumDocument } from 'langium';
import type { Diagnostic } from 'vscode-languageserver-types';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import type { DiagramFinding } from './diagram.types.ts';
import { diagramNames } from './names.ts';
import { nodesAround } from './places.ts';

const severities = ['error', 'warning', 'information'] as const;

/**
 * What the rules say of a machine, each finding with the nodes that it stands at: those of the innermost statement
 * around it. Where that is not what it is about (in a template, in the work), its first subject; none where it is about
 * the machine as a whole. Hints are left out: they are about the text. Null before the document is checked.
 */
export function findingsOf(
  document: LangiumDocument,
  elaborated: ElaboratedMachine,
  all: readonly ElaboratedMachine[],
): readonly DiagramFinding[] | null {
  if (document.diagnostics === undefined) return null;
  const uri = document.uri.toString();
  const known = new Set(diagramNames(elaborated.machine));
  const inside = ({ machine: { origin } }: ElaboratedMachine, { start }: Diagnostic['range']): boolean => {
    const at = document.textDocument.offsetAt(start);
    return origin.uri === uri && origin.offset <= at && at < origin.end;
  };
  const found: DiagramFinding[] = [];
  for (const { range, severity, code, message, data } of document.diagnostics) {
    const said = severities[(severity ?? 1) - 1];
    if (said === undefined) continue;
    const subjects = subjectsOf(data).filter((name) => known.has(name));
    const here = inside(elaborated, range);
    if (!here && (subjects.length === 0 || all.some((other) => inside(other, range)))) continue;
    found.push({
      code: String(code ?? 'language/syntax'),
      severity: said,
      message: typeof message === 'string' ? message : message.value,
      range,
      nodes: placed(nodesAround(elaborated.machine, uri, spanOf(document, range)), subjects),
    });
  }
  return found;
}

const spanOf = ({ textDocument }: LangiumDocument, { start, end }: Diagnostic['range']) => ({
  offset: textDocument.offsetAt(start),
  end: textDocument.offsetAt(end),
});

/** The nodes that a finding is marked on. */
function placed(around: readonly string[], subjects: readonly string[]): readonly string[] {
  const both = around.filter((name) => subjects.includes(name));
  if (both.length > 0) return both;
  const [first] = subjects;
  return first === undefined ? around : [first];
}

function subjectsOf(data: unknown): readonly string[] {
  const subjects = typeof data === 'object' && data !== null && 'subjects' in data ? data.subjects : undefined;
  return Array.isArray(subjects) ? subjects.filter((each): each is string => typeof each === 'string') : [];
}
