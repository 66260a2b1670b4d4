import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Misuse } from '../exit.ts';
import type { CheckDiagnostic, CheckJson } from './check.ts';

/** What a baseline keeps of a finding: not its line, which moves, nor its message, whose figures change. */
interface KnownFinding {
  readonly path: string;
  readonly code: string;
  readonly subjects: readonly string[];
  readonly count: number;
}

type File = CheckJson['files'][number];

/**
 * Findings that are not in the baseline. Without a file of that name, today's findings are recorded in it and none
 * is reported.
 */
export function withoutKnown(files: readonly File[], path: string): File[] {
  if (!existsSync(path)) {
    writeFileSync(path, `${JSON.stringify({ findings: record(files) }, null, 2)}\n`);
    process.stderr.write(`${path}: the findings of today were recorded; delete the file to record anew\n`);
    return files.map((file) => ({ ...file, diagnostics: [] }));
  }
  const left = new Map(read(path).map((known) => [keyOf(known.path, known), known.count]));
  return files.map((file) => ({
    ...file,
    diagnostics: file.diagnostics.filter((diagnostic) => {
      const key = keyOf(file.path, diagnostic);
      const count = left.get(key) ?? 0;
      left.set(key, count - 1);
      return count <= 0;
    }),
  }));
}

const keyOf = (path: string, { code, subjects }: Pick<CheckDiagnostic, 'code' | 'subjects'>): string =>
  JSON.stringify([path, code, ...subjects]);

function record(files: readonly File[]): KnownFinding[] {
  const known = new Map<string, KnownFinding>();
  for (const { path, diagnostics } of files) {
    for (const { code, subjects } of diagnostics) {
      const key = keyOf(path, { code, subjects });
      known.set(key, { path, code, subjects, count: (known.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...known.values()];
}

function read(path: string): readonly KnownFinding[] {
  const wrong = `${path}: this is no baseline: delete it, and the next check records one`;
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof json !== 'object' || json === null || !('findings' in json) || !Array.isArray(json.findings)) {
      throw new Misuse(wrong);
    }
    return json.findings as KnownFinding[];
  } catch (error) {
    if (error instanceof Misuse) throw error;
    throw new Misuse(wrong);
  }
}
