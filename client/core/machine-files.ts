import { FileType, Uri, workspace } from 'vscode';

/** A workspace with more is read as far as this. */
const mostFolders = 2000;
const isSkipped = (name: string): boolean => name === 'node_modules' || name.startsWith('.');

/**
 * The `.pcie` files of the workspace, those of `node_modules` left out. Folders of virtual file systems are read: not every
 * one can be searched, and a search waits for ever for one that cannot.
 *
 * @param most files at most
 */
export async function machineFiles(most: number): Promise<readonly Uri[]> {
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  if (folders.every(({ scheme }) => scheme === 'file'))
    return workspace.findFiles('**/*.pcie', '**/node_modules/**', most);
  return read(folders, most);
}

/** The files below folders; the nearest come first. A folder that cannot be read has none. */
async function read(folders: readonly Uri[], most: number): Promise<readonly Uri[]> {
  const found: Uri[] = [];
  const waiting = [...folders];
  for (let folder = 0; folder < waiting.length && folder < mostFolders && found.length < most; folder++) {
    const at = waiting[folder];
    if (at === undefined) break;
    const entries = await Promise.resolve(workspace.fs.readDirectory(at)).catch(() => []);
    for (const [name, type] of entries) {
      const uri = Uri.joinPath(at, name);
      if (type === FileType.Directory && !isSkipped(name)) waiting.push(uri);
      else if ((type & FileType.File) !== 0 && name.endsWith('.pcie')) found.push(uri);
    }
  }
  return found.slice(0, most);
}
