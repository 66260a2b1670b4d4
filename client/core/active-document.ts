import { type TextDocument, type TextEditor, Uri, window, workspace } from 'vscode';

/** The editor that shows a `.pcie` document, the active one first. */
export function activeEditor(): TextEditor | undefined {
  const editors = [window.activeTextEditor, ...window.visibleTextEditors];
  return editors.find((editor) => editor?.document.languageId === 'pcie');
}

/** The document of a command: the one that it names, else the active one. Throws where there is none. */
export async function documentOf(uri: string | undefined): Promise<TextDocument> {
  if (uri !== undefined) return workspace.openTextDocument(Uri.parse(uri));
  const document = activeEditor()?.document;
  if (document === undefined) throw new Error('Open a .pcie file first.');
  return document;
}
