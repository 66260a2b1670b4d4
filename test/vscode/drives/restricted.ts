import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Stage } from '../drive.types.ts';
import { openPicture } from '../picture.ts';
import { viewFrame } from '../views.ts';
import { command, hover, languageReady, openFile, pick, writeSettings } from '../workbench.ts';

export const name = 'restricted';
export const restricted = true;
/** The server of the workbench in the browser trusts every folder. */
export const web = false;

/** A folder beside the one that is open. */
const outside = (folder: string): string => join(dirname(folder), `${basename(folder)}-outside`);

export function prepare(folder: string): void {
  const other = outside(folder);
  mkdirSync(other);
  writeFileSync(join(other, 'secret.pcie'), 'part gpu of-nobody { vram 8 GiB }\n');
  writeFileSync(join(folder, 'reaching.pcie'), `import "../${basename(other)}/secret.pcie"\n`);
  writeSettings(folder, { 'pcie.hints.links': false });
}

/** In a folder that nobody trusts everything works, and nothing outside the folder is read. */
export async function run({ page, folder, log, shot }: Stage): Promise<void> {
  try {
    await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ timeout: 90_000 });
    await openFile(page, 'ai-server.pcie');
    await languageReady(page);
    const text = (await page.locator('.part.editor .view-lines .view-line').allInnerTexts()).join('\n');
    if (!text.includes('rp0') || /GB\/s\s*\{/.test(text)) throw new Error('settings of the folder do not count');
    await openPicture(page);
    await command(page, 'PCIe: Simulate…');
    await pick(page, 'neighbours');
    const results = await viewFrame(page, 'main#results');
    await results.getByRole('heading', { name: /^neighbours/ }).waitFor({ timeout: 40_000 });
    await shot('works');
    log('in restricted mode: checked, drawn, simulated, and settings of the folder count');

    await openFile(page, 'reaching.pcie');
    await page.locator('.squiggly-error').first().waitFor();
    const why = await hover(page, 'secret', 'import');
    if (!/outside the workspace/.test(why)) throw new Error(`an import from outside: ${why}`);
    await shot('outside');
    log('a file outside the folder is not read');
    await page.keyboard.press('Escape');

    await command(page, 'Extensions: Show Installed Extensions');
    const entry = page.locator('.extensions-list .monaco-list-row', { hasText: 'PCIe Topology' }).first();
    await entry.waitFor();
    await shot('extension');
    if (/restricted|limited|disabled/i.test(await entry.innerText()))
      throw new Error('the extension counts as limited');

    await command(page, 'Workspaces: Manage Workspace Trust');
    const editor = page.locator('.workspace-trust-editor');
    await editor.waitFor();
    await shot('trust');
  } finally {
    rmSync(outside(folder), { recursive: true, force: true });
  }
}
