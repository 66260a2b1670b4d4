/**
 * Schemes of the documents that the server looks after: files, unsaved documents, the catalogue, and what the
 * workspace folders are made of (`vscode-vfs` for remote repositories and the like). Others are copies for reading,
 * such as the left side of a diff (`git`): looking after them would report every name as declared twice.
 */
export function documentSchemes(folderSchemes: readonly string[], catalogue: string): readonly string[] {
  return [...new Set(['file', 'untitled', 'vscode-vfs', catalogue, ...folderSchemes])];
}
