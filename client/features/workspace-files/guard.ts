/** The parts of a URI that say where a file is; as in VS Code, `path` is decoded. */
export interface Place {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
}

/**
 * Whether a URI lies in one of the folders. A path with `..`, or with a backslash that a file system may take for a
 * separator, lies nowhere.
 */
export function liesIn(folders: readonly Place[], file: Place): boolean {
  if (file.path.includes('\\') || file.path.split('/').includes('..')) return false;
  return folders.some((folder) => {
    const base = folder.path.endsWith('/') ? folder.path : `${folder.path}/`;
    const sameRoot = folder.scheme === file.scheme && folder.authority === file.authority;
    return sameRoot && (file.path.startsWith(base) || file.path === folder.path);
  });
}

/** Only the text of `.pcie` files is handed to the server. */
export const isReadable = (file: Place): boolean => file.path.endsWith('.pcie');
