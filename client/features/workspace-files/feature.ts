import { FileType, Uri, workspace } from 'vscode';
import { ReadDirectory, ReadFile, StatFile } from '../../../server/protocol.ts';
import type { Feature } from '../../core/feature.ts';
import { isReadable, liesIn } from './guard.ts';

/**
 * Reads files for a server that cannot: in the browser all of them, elsewhere those that are not on disk. Only what
 * lies in a workspace folder, and only `.pcie` files; a link could lead out of it and is not read.
 */
export const workspaceFiles: Feature = {
  name: 'workspace files',
  activate(host) {
    host.own(
      host.server.answer(ReadFile, async ({ uri: text }) => {
        const uri = allowed(text);
        if (uri === undefined || !isReadable(uri)) return null;
        return orNull(async () => {
          if ((await workspace.fs.stat(uri)).type !== FileType.File) return null;
          return { text: new TextDecoder().decode(await workspace.fs.readFile(uri)) };
        });
      }),
      host.server.answer(ReadDirectory, async ({ uri: text }) => {
        const uri = allowed(text);
        if (uri === undefined) return null;
        return orNull(async () => {
          const entries = await workspace.fs.readDirectory(uri);
          return entries
            .filter(([name, type]) => type === FileType.Directory || (type === FileType.File && name.endsWith('.pcie')))
            .map(([name, type]) => ({ uri: Uri.joinPath(uri, name).toString(), isFile: type === FileType.File }));
        });
      }),
      host.server.answer(StatFile, async ({ uri: text }) => {
        const uri = allowed(text);
        if (uri === undefined) return null;
        return orNull(async () => {
          const { type } = await workspace.fs.stat(uri);
          return { isFile: (type & FileType.File) !== 0 };
        });
      }),
    );
  },
};

function allowed(text: string): Uri | undefined {
  const uri = Uri.parse(text);
  const folders = (workspace.workspaceFolders ?? []).map((folder) => folder.uri);
  return liesIn(folders, uri) ? uri : undefined;
}

/** A file that is not there is an answer, not a failure. */
async function orNull<T>(read: () => Promise<T | null>): Promise<T | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}
