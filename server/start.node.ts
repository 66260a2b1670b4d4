import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NodeFileSystem } from 'langium/node';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { ClientFiles } from './files.ts';
import { withSystemNames } from './pci-ids.node.ts';
import { nodeWorker } from './runs/ports.node.ts';
import { startServer } from './start.ts';

/**
 * Starts the server on the channel that the command line names: `--stdio`, `--node-ipc`, `--socket=<port>` or
 * `--pipe=<name>`. The simulator's worker lies beside the program unless the client names another.
 */
export function startNodeServer(): void {
  // On stdio the protocol has the standard output for itself: whatever is logged goes elsewhere.
  for (const level of ['log', 'info', 'debug', 'trace'] as const) {
    console[level] = (...text: unknown[]) => console.error(...text);
  }
  const connection = createConnection(ProposedFeatures.all);
  const disk = NodeFileSystem.fileSystemProvider();
  const program = process.argv[1];
  const beside = program === undefined ? undefined : join(dirname(realpathSync(program)), 'worker.cjs');
  startServer({
    connection,
    files: new ClientFiles(connection, disk),
    addNames: withSystemNames,
    startWorker: (url) => {
      const path = url ?? beside;
      if (path === undefined) throw new Error('it is not known where the worker is');
      return nodeWorker(path);
    },
  });
}
