import type { LangiumDocument } from 'langium';
import type { CodeActionProvider } from 'langium/lsp';
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
  type TextEdit,
} from 'vscode-languageserver';
import { formatEdits } from '../../language/format.ts';
import type { PcieServices } from '../../language/module.ts';
import { rangeOf } from '../text/ranges.ts';

/** A fix as it travels in the data of a diagnostic: nothing has to be computed again. */
export interface FixData {
  readonly title: string;
  readonly edits: readonly { readonly uri?: string; readonly range: Diagnostic['range']; readonly newText: string }[];
}

/** What a diagnostic carries for code actions. */
export interface DiagnosticData {
  readonly code: string;
  readonly fixes?: readonly FixData[];
  /** The rule may be silenced in the text, in the block that begins here. */
  readonly silence?: { readonly insertAt: Diagnostic['range']['start']; readonly indentation: string };
}

/** Quick fixes from diagnostics, silencing a rule with a reason, and formatting as a source action. */
export class PcieFixes implements CodeActionProvider {
  readonly #services: PcieServices;

  constructor(services: PcieServices) {
    this.#services = services;
  }

  getCodeActions(document: LangiumDocument, params: CodeActionParams): CodeAction[] {
    const wanted = (kind: string) =>
      params.context.only?.some((only) => kind === only || kind.startsWith(`${only}.`)) ?? true;
    const actions: CodeAction[] = [];
    if (wanted(CodeActionKind.QuickFix)) {
      for (const diagnostic of params.context.diagnostics) actions.push(...quickFixes(document, diagnostic));
      actions.push(...fixAll(document, params));
    }
    if (params.context.only !== undefined && wanted(formatKind)) {
      const edits = formatEdits(document.textDocument.getText(), (text) => this.#services.parser.Lexer.tokenize(text));
      const changes = edits.map((edit) => ({ range: rangeOf(document, edit), newText: edit.text }));
      if (changes.length > 0) {
        actions.push({
          title: 'Format the file',
          kind: formatKind,
          edit: { changes: { [document.uri.toString()]: changes } },
        });
      }
    }
    return actions;
  }
}

const formatKind = `${CodeActionKind.Source}.format`;

function dataOf(diagnostic: Diagnostic): DiagnosticData | undefined {
  const data: unknown = diagnostic.data;
  return typeof data === 'object' && data !== null && 'code' in data ? (data as DiagnosticData) : undefined;
}

function quickFixes(document: LangiumDocument, diagnostic: Diagnostic): CodeAction[] {
  const data = dataOf(diagnostic);
  const fixes = data?.fixes ?? [];
  const actions: CodeAction[] = fixes.map((fix) => ({
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    // With one way out there is nothing to choose.
    isPreferred: fixes.length === 1,
    edit: { changes: changesOf(document, fix) },
  }));
  if (data?.silence !== undefined) {
    const { insertAt, indentation } = data.silence;
    const newText = `${indentation}allow ${data.code} "why"\n`;
    actions.push({
      title: `Allow ${data.code} here, with a reason`,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      edit: { changes: { [document.uri.toString()]: [{ range: { start: insertAt, end: insertAt }, newText }] } },
    });
  }
  return actions;
}

function changesOf(document: LangiumDocument, fix: FixData): Record<string, TextEdit[]> {
  const changes: Record<string, TextEdit[]> = {};
  for (const edit of fix.edits) {
    const uri = edit.uri ?? document.uri.toString();
    const edits = changes[uri] ?? [];
    changes[uri] = edits;
    edits.push({ range: edit.range, newText: edit.newText });
  }
  return changes;
}

/** The same only fix of all findings of a rule in the file, where there are several. */
function fixAll(document: LangiumDocument, params: CodeActionParams): CodeAction[] {
  const actions: CodeAction[] = [];
  const codes = new Set(params.context.diagnostics.map((diagnostic) => dataOf(diagnostic)?.code));
  for (const code of codes) {
    const alike = (document.diagnostics ?? []).filter((other) => {
      const data = dataOf(other);
      return data?.code === code && data?.fixes?.length === 1;
    });
    if (code === undefined || alike.length < 2) continue;
    const changes: Record<string, TextEdit[]> = {};
    for (const other of alike) {
      const [fix] = dataOf(other)?.fixes ?? [];
      for (const [uri, edits] of Object.entries(fix === undefined ? {} : changesOf(document, fix))) {
        const before = changes[uri] ?? [];
        changes[uri] = [...before, ...edits.filter((edit) => !before.some((known) => overlaps(known, edit)))];
      }
    }
    actions.push({
      title: `Fix all ${alike.length} findings of ${code} in this file`,
      kind: CodeActionKind.QuickFix,
      edit: { changes },
    });
  }
  return actions;
}

function overlaps(a: TextEdit, b: TextEdit): boolean {
  const before = (x: TextEdit, y: TextEdit) => {
    const { end } = x.range;
    const { start } = y.range;
    return end.line < start.line || (end.line === start.line && end.character <= start.character);
  };
  return !before(a, b) && !before(b, a);
}
