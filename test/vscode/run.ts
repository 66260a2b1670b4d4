// The packaged extension in the real VS Code: node test/vscode/run.ts [drive …]
import { startCodeServer } from '../../scripts/lib/code-server.mjs';
import { chromium, codeServer } from '../../scripts/lib/install.mjs';
import { packageExtension } from '../../scripts/lib/package.mjs';
import { runDrives, say } from './stage.ts';

let vsix = '';
await runDrives(
  'vscode',
  async () => {
    await chromium(say);
    await codeServer(say);
  },
  async (folder, state, { extensions, restricted }) => {
    vsix ||= await packageExtension(say);
    const server = await startCodeServer({ vsix, state, say, restricted });
    return { address: server.address(folder, { extensions }), stop: server.stop };
  },
);
