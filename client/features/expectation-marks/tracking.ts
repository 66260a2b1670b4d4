/** A piece of a text by offsets. */
export interface Span {
  readonly offset: number;
  readonly end: number;
}

/** A replacement, as editors report it: `length` characters from `offset` on became `inserted` characters. */
export interface Edit {
  readonly offset: number;
  readonly length: number;
  readonly inserted: number;
}

/**
 * Where a span is after an edit: moved by what came before it, null where the edit reached into it, because then the
 * text is no longer the one that was judged.
 */
export function follow(span: Span, edit: Edit): Span | null {
  const editEnd = edit.offset + edit.length;
  if (edit.offset >= span.end) return span;
  if (editEnd <= span.offset) {
    const shift = edit.inserted - edit.length;
    return { offset: span.offset + shift, end: span.end + shift };
  }
  return null;
}

/** Where a span is after edits that were reported together; each is meant against the text before all of them. */
export function followAll(span: Span, edits: readonly Edit[]): Span | null {
  const backwards = [...edits].sort((a, b) => b.offset - a.offset);
  let at: Span | null = span;
  for (const edit of backwards) at = at === null ? null : follow(at, edit);
  return at;
}
