import type { Page } from 'playwright-core';
import type { Stage } from '../drive.types.ts';
import { command, languageReady, openFile } from '../workbench.ts';

export const name = 'assistant';

/** With the extension that calls tools as an assistant does. */
export const tools = true;

/** An assistant asks: what is wrong, what is there, how it hangs together, how fast it is; and is told what it may ask. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const file = 'ai-server.pcie';

  const findings = await ask(page, 'pcie_check', { file: 'mistakes.pcie' }, /"severity": "error"/);
  log(`pcie_check: ${findings.slice(0, 120)}`);
  await shot('check');
  await ask(page, 'pcie_show', { file }, /"name": "cpu0\.rp0",\s+"kind": "root-port"/);
  await ask(page, 'pcie_path', { file, from: 'ssd0', to: 'gpu0' }, /"class": "PIX",\s+"route": "direct"/);
  await shot('path');
  await ask(page, 'pcie_matrix', { file }, /PIX/);
  await shot('matrix');
  const run = await ask(page, 'pcie_simulate', { file, work: 'load' }, /"makespanSeconds": 0\.66/);
  log(`pcie_simulate: ${run.slice(0, 120)}`);
  await shot('simulate');

  const refused = await ask(page, 'pcie_show', {}, /refused: .*Say which file: .*ai-server\.pcie/);
  log(refused.slice(0, 160));
}

/** Calls a tool, waits until its answer says what it has to, and returns what of it is on the screen. */
async function ask(page: Page, tool: string, input: object, says: RegExp): Promise<string> {
  await command(page, 'Walk: Call a Tool');
  const box = page.locator('.quick-input-widget', { hasText: 'Tool and input' }).locator('input.input');
  await box.waitFor();
  await box.fill(`${tool} ${JSON.stringify(input)}`);
  await box.press('Enter');
  await page.locator('.part.editor .tab.active', { hasText: tool }).waitFor();
  const lines = page.locator('.part.editor .editor-instance .view-lines .view-line');
  const text = async () => (await lines.allInnerTexts()).join('\n').replace(/\u00a0/g, ' ');
  let shown = '';
  for (let wait = 0; wait < 50; wait++) {
    shown = await text();
    if (says.test(shown)) return shown.replace(/\s+/g, ' ');
    await page.waitForTimeout(200);
  }
  throw new Error(`${tool} says: ${shown.slice(0, 400)}`);
}
