import type { LangiumDocument, Lexer } from 'langium';
import type { Formatter } from 'langium/lsp';
import type {
  DocumentFormattingParams,
  DocumentOnTypeFormattingOptions,
  DocumentOnTypeFormattingParams,
  DocumentRangeFormattingParams,
  TextEdit,
} from 'vscode-languageserver';
import { type Edit, formatEdits } from '../../language/format.ts';
import type { PcieServices } from '../../language/module.ts';

/** Formatting of a document, of a range, and of the line that was just finished. Editor options do not change it. */
export class PcieFormatting implements Formatter {
  readonly #lexer: Lexer;
  readonly formatOnTypeOptions: DocumentOnTypeFormattingOptions = {
    firstTriggerCharacter: '}',
    moreTriggerCharacter: ['\n'],
  };

  constructor(services: PcieServices) {
    this.#lexer = services.parser.Lexer;
  }

  formatDocument(document: LangiumDocument, _params: DocumentFormattingParams): TextEdit[] {
    return toTextEdits(document, this.#edits(document));
  }

  /** The lines that the range touches. */
  formatDocumentRange(document: LangiumDocument, params: DocumentRangeFormattingParams): TextEdit[] {
    const { start, end } = params.range;
    const lastLine = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
    return this.#lines(document, start.line, lastLine);
  }

  /** After `}`: its block. After a line break: the line before it, and where the new one begins. */
  formatDocumentOnType(document: LangiumDocument, params: DocumentOnTypeFormattingParams): TextEdit[] {
    const { textDocument } = document;
    const { line } = params.position;
    if (params.ch === '}') {
      const open = openingLine(textDocument.getText(), textDocument.offsetAt(params.position) - 1);
      return open === undefined ? [] : this.#lines(document, textDocument.positionAt(open).line, line);
    }
    const from = textDocument.offsetAt({ line: Math.max(0, line - 1), character: 0 });
    const breakAt = textDocument.offsetAt({ line, character: 0 });
    const text = textDocument.getText();
    const lineEnd = textDocument.offsetAt({ line: line + 1, character: 0 });
    const edits: Edit[] = [];
    for (const edit of this.#edits(document)) {
      const isInside = edit.offset >= from && edit.end < breakAt && !text.slice(edit.offset, edit.end).includes('\n');
      if (isInside) edits.push(edit);
      // Empty lines that were just made stay; only the indentation after the last break is put right.
      if (edit.offset < breakAt && edit.end >= breakAt && edit.end < lineEnd) {
        const indentation = edit.text.slice(edit.text.lastIndexOf('\n') + 1);
        if (edit.text.includes('\n') && indentation !== text.slice(breakAt, edit.end)) {
          edits.push({ offset: breakAt, end: edit.end, text: indentation });
        }
      }
    }
    return toTextEdits(document, edits);
  }

  #edits(document: LangiumDocument): Edit[] {
    return formatEdits(document.textDocument.getText(), (text) => this.#lexer.tokenize(text));
  }

  #lines(document: LangiumDocument, first: number, last: number): TextEdit[] {
    const { textDocument } = document;
    const from = textDocument.offsetAt({ line: first, character: 0 });
    const to = textDocument.offsetAt({ line: last + 1, character: 0 });
    const text = textDocument.getText();
    // What belongs to a line: the break and the indentation before it, the gaps in it; not the break after it.
    const inside = this.#edits(document).filter((edit) => {
      const nextStart = edit.end;
      return (
        nextStart >= from && nextStart < to && (edit.offset >= from || text.slice(edit.offset, from).trim() === '')
      );
    });
    return toTextEdits(document, inside);
  }
}

function toTextEdits(document: LangiumDocument, edits: readonly Edit[]): TextEdit[] {
  return edits.map((edit) => ({
    range: { start: document.textDocument.positionAt(edit.offset), end: document.textDocument.positionAt(edit.end) },
    newText: edit.text,
  }));
}

/** The offset of the `{` that the `}` at an offset closes. Braces in comments and texts are rare enough to ignore here. */
function openingLine(text: string, close: number): number | undefined {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    const character = text[at];
    if (character === '}') depth++;
    else if (character === '{' && --depth === 0) return at;
  }
  return undefined;
}
