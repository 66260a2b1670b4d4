import { type AstNode, AstUtils, type LangiumDocument } from 'langium';
import type { CodeActionProvider } from 'langium/lsp';
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
  type TextEdit,
} from 'vscode-languageserver';
import { formatEdits } from '../../language/format.ts';
import type { PcieFile } from '../../language/generated/ast.ts';
import type { PcieServices } from '../../language/module.ts';
import { ruleOf } from '../../language/rules/registry.ts';
import type { Remedy } from '../../language/rules/rule.ts';
import type { Elaborations } from '../../language/services/elaborations.ts';
import { clientCommand } from '../protocol.ts';
import { bracesOf, statementsBetween } from '../text/cst.ts';
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
  /** Qualified names of what it is about. */
  readonly subjects?: readonly string[];
  /** What to do on the machine itself. */
  readonly remedies?: readonly Remedy[];
}

/** Quick fixes from diagnostics, silencing a rule with a reason, and formatting as a source action. */
export class PcieFixes implements CodeActionProvider {
  readonly #services: PcieServices;
  readonly #copies: () => boolean;

  /** @param copies whether the client knows the command that copies a text */
  constructor(services: PcieServices, copies: () => boolean) {
    this.#services = services;
    this.#copies = copies;
  }

  getCodeActions(document: LangiumDocument, params: CodeActionParams): CodeAction[] {
    const wanted = (kind: string) =>
      params.context.only?.some((only) => kind === only || kind.startsWith(`${only}.`)) ?? true;
    const actions: CodeAction[] = [];
    if (wanted(CodeActionKind.QuickFix)) {
      for (const diagnostic of params.context.diagnostics) actions.push(...this.#quickFixes(document, diagnostic));
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

  #quickFixes(document: LangiumDocument, diagnostic: Diagnostic): CodeAction[] {
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
    // Only a client that has the command can copy; the others find the words in the page of the rule.
    for (const { kind, text } of this.#copies() ? (data?.remedies ?? []) : []) {
      actions.push({
        title: `Copy the ${remedyNames[kind]}: ${text}`,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        command: { title: 'Copy', command: clientCommand.copyText, arguments: [text] },
      });
    }
    const silence =
      data === undefined ? undefined : silenceEdit(document, diagnostic, data, this.#services.Elaborations);
    if (data !== undefined && silence !== undefined) {
      actions.push({
        title: `Allow ${data.code} here, with a reason`,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        edit: { changes: { [document.uri.toString()]: [silence] } },
      });
    }
    return actions;
  }
}

const remedyNames = {
  'kernel-parameter': 'kernel parameter',
  command: 'command',
  firmware: 'firmware setting',
} as const;
const formatKind = `${CodeActionKind.Source}.format`;

function dataOf(diagnostic: Diagnostic): DiagnosticData | undefined {
  const data: unknown = diagnostic.data;
  return typeof data === 'object' && data !== null && 'code' in data ? (data as DiagnosticData) : undefined;
}

/**
 * Puts an `allow` at what a finding is about, where this file declares it, else into the machine around. Rules about
 * the text itself have none.
 */
function silenceEdit(
  document: LangiumDocument,
  diagnostic: Diagnostic,
  data: DiagnosticData,
  elaborations: Elaborations,
): TextEdit | undefined {
  const { code } = data;
  if (ruleOf(code)?.checkMachine === undefined) return undefined;
  const { textDocument } = document;
  const block = subjectOf(document, data, elaborations) ?? blockAround(document, diagnostic);
  const cst = block?.$cstNode;
  if (block === undefined || cst === undefined) return undefined;
  const start = textDocument.positionAt(cst.offset);
  const indentation =
    /^[ \t]*/.exec(textDocument.getText({ start: { ...start, character: 0 }, end: start }))?.[0] ?? '';
  const line = `${indentation}  allow ${code} "say why"\n`;
  const open = bracesOf(block)?.open;
  if (open === undefined) {
    const end = textDocument.positionAt(cst.end);
    return { range: { start: end, end }, newText: ` {\n${line}${indentation}}` };
  }
  const at = textDocument.positionAt(open + 1);
  const rest = textDocument.getText({ start: at, end: { line: at.line + 1, character: 0 } });
  // What followed the brace on its line goes to a line of its own.
  const separator = /^\s*$/.test(rest) ? '' : `${indentation} `;
  return { range: { start: at, end: at }, newText: `\n${separator === '' ? line.slice(0, -1) : line + separator}` };
}

/** The statement of the first subject that stands in this file. */
function subjectOf(document: LangiumDocument, data: DiagnosticData, elaborations: Elaborations): AstNode | undefined {
  for (const machine of elaborations.get(document).machines) {
    for (const subject of data.subjects ?? []) {
      const [found] = machine.names.lookup(subject);
      const node = found === undefined ? undefined : machine.nodes[found.id];
      if (node !== undefined && AstUtils.getDocument(node) === document) return node;
    }
  }
  return undefined;
}

/** The innermost component or machine around a finding; for one on a piece of work the machine that it is about. */
function blockAround(document: LangiumDocument, diagnostic: Diagnostic): AstNode | undefined {
  const { statements } = document.parseResult.value as PcieFile;
  const offset = document.textDocument.offsetAt(diagnostic.range.start);
  const around = [...statementsBetween(statements, offset, offset)].reverse();
  return (
    around.find((node) => node.$type === 'Component' || node.$type === 'Machine') ??
    statements.find((node) => node.$type === 'Machine')
  );
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
