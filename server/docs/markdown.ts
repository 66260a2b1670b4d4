import type { LangiumDocument } from 'langium';
import type { Part } from '../../language/generated/ast.ts';
import type { PropertySchema } from '../../language/schema/property.ts';
import type { Generation, LaneCount } from '../../model/link/generation.ts';
import { gigatransfersPerSecond, rawBytesPerSecond } from '../../model/link/generation.ts';
import { formatRate } from '../../model/quantity.ts';
import type { KeywordDoc } from './keywords.ts';

/** A piece of `.pcie` text in Markdown. */
export const code = (text: string): string => `\`\`\`pcie\n${text}\n\`\`\``;

/** Text that is to be read as it is, whatever Markdown would make of it. */
export const escapeMarkdown = (text: string): string => text.replace(/[\\`*_{}[\]<>()#|]/g, '\\$&');

export function keywordMarkdown(doc: KeywordDoc): string {
  return [code(doc.shape), doc.doc, code(doc.example)].join('\n\n');
}

export function propertyMarkdown(schema: PropertySchema, level: string): string {
  const shape = `${schema.name}${schema.shape === '' ? '' : ` ${schema.shape}`}`;
  const repeated = schema.repeatable ? ' May be said more than once.' : '';
  return [code(shape), `${schema.doc}${repeated}`, `For example:`, code(schema.example), level]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Rate of a lane, and of the usual widths after the line code. */
export function generationMarkdown(generation: Generation): string {
  const widths: readonly LaneCount[] = [1, 4, 8, 16];
  const rates = widths.map((lanes) => `x${lanes} ${formatRate(rawBytesPerSecond(generation, lanes))}`).join(' · ');
  return `PCIe generation ${generation}: ${gigatransfersPerSecond(generation)} GT/s a lane.\n\nEach way, after the line code: ${rates}.`;
}

/** A part as its declaration says it, with the comment above it; cut after some lines. */
export function partMarkdown(part: Part): string {
  const cst = part.$cstNode;
  if (cst === undefined) return '';
  const comment = docCommentAbove(cst.root.fullText, cst.offset);
  const lines = cst.text.split(/\r?\n/);
  const shown = lines.length > 24 ? [...lines.slice(0, 23), '  // …', '}'] : lines;
  return [comment, code(shown.join('\n'))].filter((piece) => piece !== '').join('\n\n');
}

/** The `///` lines right above an offset, as text. */
export function docCommentAbove(text: string, offset: number): string {
  const lines: string[] = [];
  let end = text.lastIndexOf('\n', offset - 1);
  while (end >= 0) {
    const start = text.lastIndexOf('\n', end - 1);
    const line = text.slice(start + 1, end).trim();
    if (!line.startsWith('///')) break;
    lines.unshift(line.slice(3).trim());
    end = start;
  }
  return lines.join('\n');
}

/** The documentation comment of a node in a document. */
export function docCommentOf(document: LangiumDocument, offset: number): string {
  return docCommentAbove(document.textDocument.getText(), offset);
}
