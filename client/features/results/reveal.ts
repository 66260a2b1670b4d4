import { Range, Selection, TextEditorRevealType, Uri, workspace } from 'vscode';
import type { WireLocation } from '../../../server/protocol.ts';
import { showText } from '../../core/show-text.ts';

/** Selects a place in its editor, beside nothing: an editor that shows the document already is used. */
export async function revealRange({ uri, range: { start, end } }: WireLocation): Promise<void> {
  await reveal(uri, () => new Range(start.line, start.character, end.line, end.character));
}

/** The same for offsets in the text. Those of an older text may lie beyond its end; they are then put at the end. */
export async function revealOffsets(place: {
  readonly uri: string;
  readonly offset: number;
  readonly end: number;
}): Promise<void> {
  await reveal(place.uri, (positionAt) => new Range(positionAt(place.offset), positionAt(place.end)));
}

async function reveal(text: string, rangeOf: (positionAt: (offset: number) => Range['start']) => Range): Promise<void> {
  const document = await workspace.openTextDocument(Uri.parse(text));
  const editor = await showText(document);
  const range = rangeOf((offset) => document.positionAt(offset));
  editor.selection = new Selection(range.start, range.end);
  editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
}
