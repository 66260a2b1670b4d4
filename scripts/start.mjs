// npm start: the extension in VS Code, on the examples.
//   npm start                 until Ctrl-C
//   npm start -- --once       ends with 0 as soon as the workbench answers with the example open
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { must, root } from './lib/run.mjs';

const say = (text) => console.log(text);
const once = process.argv.includes('--once');
await bootstrap(say);
const { packageExtension } = await import('./lib/package.mjs');
const { startCodeServer } = await import('./lib/code-server.mjs');
const vsix = await packageExtension(say);
const example = 'ai-server.pcie';

/** Whether a desktop VS Code can show itself here. */
function hasDesktop() {
  const screen = process.env.DISPLAY || process.env.WAYLAND_DISPLAY || process.platform === 'darwin';
  return Boolean(screen) && spawnSync('code', ['--version'], { timeout: 10_000 }).status === 0;
}

if (!once && hasDesktop()) {
  await must('code', ['--install-extension', vsix, '--force'], { timeoutSeconds: 90 });
  const folder = join(root, 'examples');
  await must('code', [folder, '--goto', join(folder, example)], { timeoutSeconds: 60 });
  say(`opened ${example} in the desktop VS Code`);
  process.exit(0);
}

const state = mkdtempSync(join(tmpdir(), 'pcie-start-'));
const folder = mkdtempSync(join(tmpdir(), 'pcie-examples-'));
cpSync(join(root, 'examples'), folder, { recursive: true });
const server = await startCodeServer({ vsix, state, say });
let stopping = false;
async function stop(code) {
  if (stopping) return;
  stopping = true;
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
process.on('SIGINT', () => stop(0));
process.on('SIGTERM', () => stop(0));

const address = server.address(folder, join(folder, example));
if (once) {
  say('opening the example in Chromium');
  const { openPage } = await import('./lib/browser.mjs');
  let code = 1;
  const browser = await openPage(state, say);
  try {
    await browser.page.goto(address);
    await browser.page.locator('.tab.active', { hasText: example }).waitFor({ timeout: 60_000 });
    await browser.page.locator('.view-lines .view-line').first().waitFor();
    say(`ready: ${address}`);
    code = 0;
  } catch (error) {
    say(`the workbench did not show the example: ${error.message}`);
  }
  await browser.close();
  await stop(code);
} else {
  say(`ready (a copy of the examples; Ctrl-C stops it): ${address}`);
}
