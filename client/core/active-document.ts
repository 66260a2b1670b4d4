import { commands, type Disposable, type TextDocument, type TextEditor, Uri, window, workspace } from 'vscode';

/** The editor that shows a `.pcie` document, the active one first. */
export function activeEditor(): TextEditor | undefined {
  const editors = [window.activeTextEditor, ...window.visibleTextEditors];
  return editors.find((editor) => editor?.document.languageId === 'pcie');
}

/** What somebody last looked at. */
let latest: TextDocument | undefined;

/** Remembers what somebody looks at, for commands that are given while something else is in front. */
export function followActive(): Disposable {
  const take = (editor: TextEditor | undefined): void => {
    if (editor?.document.languageId === 'pcie') latest = editor.document;
  };
  take(activeEditor());
  return window.onDidChangeActiveTextEditor(take);
}

/**
 * The document of a command: the one that it names, else the one that is in front or was so last. Where none is open, an
 * example is offered. Throws where nothing is chosen.
 */
export async function documentOf(uri: string | undefined): Promise<TextDocument> {
  if (uri !== undefined) return workspace.openTextDocument(Uri.parse(uri));
  const open = activeEditor()?.document ?? (latest?.isClosed === false ? latest : undefined);
  if (open !== undefined) return open;
  await commands.executeCommand('pcie.openExample');
  const document = activeEditor()?.document;
  if (document === undefined) throw new Error('Open a .pcie file first.');
  return document;
}
