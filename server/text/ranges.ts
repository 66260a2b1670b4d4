import type { LangiumDocument } from 'langium';
import type { WireRange } from '../protocol.ts';

/** A span of offsets as positions. */
export function rangeOf(document: LangiumDocument, span: { readonly offset: number; readonly end: number }): WireRange {
  return { start: document.textDocument.positionAt(span.offset), end: document.textDocument.positionAt(span.end) };
}
