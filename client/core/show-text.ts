import {
  TabInputWebview,
  type TextDocument,
  type TextDocumentShowOptions,
  type TextEditor,
  ViewColumn,
  window,
} from 'vscode';

/** The column for a text, so that it covers no view: the active one, the first with none, else a new one. */
export function textColumn(): ViewColumn {
  const { activeTabGroup, all } = window.tabGroups;
  const free = [activeTabGroup, ...all].find((group) => !(group?.activeTab?.input instanceof TabInputWebview));
  return free?.viewColumn ?? ViewColumn.Beside;
}

/** Shows a text where it is in sight already, else where it covers no view. */
export async function showText(
  document: TextDocument,
  options: Omit<TextDocumentShowOptions, 'viewColumn'> = {},
): Promise<TextEditor> {
  const shown = window.visibleTextEditors.find((editor) => editor.document === document);
  return window.showTextDocument(document, { ...options, viewColumn: shown?.viewColumn ?? textColumn() });
}

/** Whether a view is in sight in another column than this. */
export const viewBeside = (column: ViewColumn): boolean =>
  window.tabGroups.all.some(
    ({ activeTab, viewColumn }) => viewColumn !== column && activeTab?.input instanceof TabInputWebview,
  );
