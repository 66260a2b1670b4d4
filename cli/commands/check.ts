import type { LangiumDocument } from 'langium';
import type { Diagnostic } from 'vscode-languageserver-types';
import { ruleOf } from '../../language/rules/registry.ts';
import type { Remedy } from '../../language/rules/rule.ts';
import type { Cost } from '../../simulator/price.ts';
import { exitCodes, Misuse } from '../exit.ts';
import { load } from '../load.ts';
import { displayPath, print, printJson } from '../output.ts';
import { checkAgainst } from './against.ts';
import { withoutKnown } from './baseline.ts';

export interface CheckOptions {
  readonly json?: boolean;
  readonly format?: string;
  readonly maxWarnings?: string;
  readonly against?: string;
  readonly baseline?: string;
}

export interface CheckDiagnostic {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly message: string;
  readonly range: Diagnostic['range'];
  readonly subjects: readonly string[];
  readonly related: readonly { readonly path: string; readonly range: Diagnostic['range']; readonly message: string }[];
  readonly fixes: readonly string[];
  /** What to do on the machine itself. */
  readonly remedies: readonly string[];
  readonly cost?: Cost;
  readonly help: string;
}

export interface CheckJson {
  readonly files: readonly { readonly path: string; readonly diagnostics: readonly CheckDiagnostic[] }[];
  readonly errors: number;
  readonly warnings: number;
}

const severityNames = ['error', 'warning', 'information', 'hint'] as const;

/** `pcie check FILE…` */
export async function check(paths: readonly string[], options: CheckOptions): Promise<number> {
  const format = options.json === true ? 'json' : (options.format ?? 'text');
  const writers: Readonly<Record<string, (json: CheckJson) => void>> = {
    text: printText,
    json: printJson,
    sarif: printSarif,
    github: printGithub,
  };
  const write = writers[format];
  if (write === undefined) throw new Misuse(`There is no format '${format}': ${Object.keys(writers).join(', ')}.`);
  if (options.against !== undefined) return checkAgainst(options.against, paths, format === 'json');
  const most = options.maxWarnings === undefined ? Number.POSITIVE_INFINITY : Number(options.maxWarnings);
  if (!(most >= 0)) throw new Misuse(`--max-warnings takes a number from 0 up, not '${options.maxWarnings}'.`);
  const { documents } = await load(paths, { simulates: true });
  const found = documents.map((document) => ({
    path: displayPath(document.uri.toString()),
    diagnostics: diagnosticsOf(document),
  }));
  const files = options.baseline === undefined ? found : withoutKnown(found, options.baseline);
  const count = (severity: CheckDiagnostic['severity']) =>
    files.flatMap((file) => file.diagnostics).filter((one) => one.severity === severity).length;
  const json = { files, errors: count('error'), warnings: count('warning') };
  write(json);
  return json.errors > 0 || json.warnings > most ? exitCodes.failed : exitCodes.done;
}

function diagnosticsOf(document: LangiumDocument): CheckDiagnostic[] {
  return (document.diagnostics ?? [])
    .map((diagnostic): CheckDiagnostic => {
      const code = String(diagnostic.code ?? 'language/syntax');
      const data = (diagnostic.data ?? {}) as {
        subjects?: string[];
        fixes?: { title: string }[];
        remedies?: Remedy[];
        cost?: Cost;
      };
      return {
        code,
        severity: severityNames[(diagnostic.severity ?? 1) - 1] ?? 'error',
        message:
          typeof diagnostic.message === 'string' ? diagnostic.message : (diagnostic.message as { value: string }).value,
        range: diagnostic.range,
        subjects: data.subjects ?? [],
        related: (diagnostic.relatedInformation ?? []).map((one) => ({
          path: displayPath(one.location.uri),
          range: one.location.range,
          message: one.message,
        })),
        fixes: (data.fixes ?? []).map((fix) => fix.title),
        remedies: (data.remedies ?? []).map((remedy) => remedy.text),
        ...(data.cost === undefined ? {} : { cost: data.cost }),
        help: `docs/rules/${code}.md`,
      };
    })
    .sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character);
}

function printText(json: CheckJson): void {
  for (const file of json.files) {
    for (const one of file.diagnostics) {
      const { line, character } = one.range.start;
      print(`${file.path}:${line + 1}:${character + 1}: ${one.severity}: ${one.message} (${one.code})`);
      for (const related of one.related)
        print(`    ${related.path}:${related.range.start.line + 1}: ${related.message}`);
      printSome('fix: ', one.fixes);
      printSome('do:  ', one.remedies);
    }
  }
  const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
  print(`${plural(json.files.length, 'file')}: ${plural(json.errors, 'error')}, ${plural(json.warnings, 'warning')}`);
}

/** As many as one reads; `--json` has all. */
function printSome(what: string, lines: readonly string[]): void {
  const most = 6;
  for (const line of lines.slice(0, most)) print(`    ${what}${line}`);
  if (lines.length > most) print(`    ${what}and ${lines.length - most} more (--json)`);
}

/** Workflow commands of GitHub Actions. */
function printGithub(json: CheckJson): void {
  const escaped = (text: string) => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
  for (const file of json.files) {
    for (const one of file.diagnostics) {
      const command = one.severity === 'error' || one.severity === 'warning' ? one.severity : 'notice';
      const { start, end } = one.range;
      print(
        `::${command} file=${file.path},line=${start.line + 1},col=${start.character + 1},endLine=${end.line + 1},endColumn=${end.character + 1},title=${one.code}::${escaped(one.message)}`,
      );
    }
  }
}

/** SARIF 2.1.0. */
function printSarif(json: CheckJson): void {
  const used = [...new Set(json.files.flatMap((file) => file.diagnostics.map((one) => one.code)))].sort();
  const levels = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const;
  printJson({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'pcie',
            rules: used.map((code) => ({
              id: code,
              shortDescription: { text: ruleOf(code)?.title ?? code },
              helpUri: `docs/rules/${code}.md`,
            })),
          },
        },
        results: json.files.flatMap((file) =>
          file.diagnostics.map((one) => ({
            ruleId: one.code,
            level: levels[one.severity],
            message: { text: one.message },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: file.path },
                  region: {
                    startLine: one.range.start.line + 1,
                    startColumn: one.range.start.character + 1,
                    endLine: one.range.end.line + 1,
                    endColumn: one.range.end.character + 1,
                  },
                },
              },
            ],
          })),
        ),
      },
    ],
  });
}
