// The packaged extension in the real VS Code: node test/vscode/run.ts [drive …]
import { join } from 'node:path';
import { startCodeServer } from '../../scripts/lib/code-server.mjs';
import { chromium, codeServer } from '../../scripts/lib/install.mjs';
import { packageExtension } from '../../scripts/lib/package.mjs';
import { must } from '../../scripts/lib/run.mjs';
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
    const more = extensions.map((_, index) => join(state, `${index}.vsix`));
    for (const [index, cwd] of extensions.entries()) {
      const flags = ['--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', more[index] ?? ''];
      await must('vsce', ['package', ...flags], { cwd, timeoutSeconds: 120 });
    }
    const server = await startCodeServer({ vsix, more, state, say, restricted });
    return { address: server.address(folder), folder, stop: server.stop };
  },
);
