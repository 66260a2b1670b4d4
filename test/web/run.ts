// The extension in VS Code for the web, where the language server runs in the browser: node test/web/run.ts [drive …]
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { answers, freePort } from '../../scripts/lib/code-server.mjs';
import { chromium, webWorkbench } from '../../scripts/lib/install.mjs';
import { packageExtension } from '../../scripts/lib/package.mjs';
import { killTree, root } from '../../scripts/lib/run.mjs';
import { runDrives, say } from '../vscode/stage.ts';
import { serveFiles } from './files.ts';

await runDrives(
  'web',
  async () => {
    await chromium(say);
    await webWorkbench(say);
  },
  async (folder, state, { extensions }) => {
    if (!existsSync(join(root, 'dist/browser/extension.cjs'))) await packageExtension(say);
    const { entry, builds, commit } = await webWorkbench(say);
    const port = await freePort();
    const flags = ['--browser=none', '--quality=stable', `--commit=${commit}`, '--testRunnerDataDir', builds];
    flags.push(`--extensionDevelopmentPath=${root}`, '--host', 'localhost', '--port', String(port));
    // A virtual file system, as a browser alone knows no other; what is written reaches the folder.
    const files = await serveFiles(folder);
    for (const path of [join(import.meta.dirname, 'files'), ...extensions]) flags.push('--extensionPath', path);
    flags.push('--folder-uri', files.uri);
    const child = spawn(process.execPath, [entry, ...flags], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const log = createWriteStream(join(state, 'server.log'));
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    const stop = async () => {
      killTree(child);
      files.stop();
    };
    process.once('exit', () => killTree(child));
    const address = `http://localhost:${port}/`;
    try {
      await answers(address, 60);
    } catch (error) {
      await stop();
      throw error;
    }
    return { address, folder: files.name, stop };
  },
);
