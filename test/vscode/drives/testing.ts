import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../drive.types.ts';
import { pair } from '../machines.ts';
import { command, focusEditor, goToLine, languageReady, openFile, pick } from '../workbench.ts';

export const name = 'testing';

const failing = `${pair}expect bandwidth of wide / bandwidth of narrow < 3
`;

/** Every `expect` is a test: run by file, failed at its line, run again on saving; the machine stands as a tree. */
export async function run({ page, folder, shot, log }: Stage): Promise<void> {
  writeFileSync(join(folder, 'failing.pcie'), failing);
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);

  const header = page.locator('.pane-header', { hasText: 'PCIe Machine' }).first();
  await header.click();
  const row = page.locator('.monaco-list-row', { hasText: 'epyc-9554' }).first();
  await row.waitFor({ timeout: 20_000 });
  log(`the tree: ${(await row.innerText()).replace(/\s+/g, ' ')}`);
  await shot('tree');

  await command(page, 'Testing: Focus on Test Explorer View');
  const explorer = page.locator('.test-explorer');
  const file = explorer.locator('.monaco-list-row', { hasText: 'ai-server.pcie' }).first();
  await file.waitFor({ timeout: 20_000 });
  await command(page, 'Test: Run Tests in Current File');
  await explorer.locator('.codicon-testing-passed-icon').first().waitFor({ timeout: 30_000 });
  if (await page.frameLocator('iframe.webview').first().locator('#active-frame').count())
    throw new Error('the results came forward, which nobody asked for');
  log('expectations passed in the Test Explorer');
  await shot('passed');

  await page.locator('.activitybar .action-label[aria-label^="Explorer"]').first().click();
  await openFile(page, 'failing.pcie');
  await languageReady(page);
  await command(page, 'Testing: Focus on Test Explorer View');
  await command(page, 'Test: Run Tests in Current File');
  const own = explorer.locator('.monaco-list-row', { hasText: 'failing.pcie' }).first();
  await own.locator('.codicon-testing-failed-icon').waitFor({ timeout: 30_000 });
  await goToLine(page, 14);
  const message = page.locator('.test-error-content-widget').first();
  await message.waitFor({ timeout: 15_000 });
  const said = (await message.innerText()).replace(/\s+/g, ' ');
  if (!/bandwidth is 12\.4 GB\/s .*> 20 GB\/s/.test(said)) throw new Error(`the line says only: ${said}`);
  log(`the line says: ${said}`);
  await own.click();
  await page.keyboard.press('ArrowRight');
  const whole = explorer.locator('.monaco-list-row', { hasText: /pair.*machine/ }).first();
  await whole.locator('.codicon-testing-passed-icon').waitFor({ timeout: 10_000 });
  log('what the file expects of all its work is a test as well');
  await shot('failed');
  await command(page, 'Test Results: Focus on Test Results View');
  const history = page.locator('.test-output-peek-tree .monaco-list-row');
  await history.nth(1).waitFor({ timeout: 15_000 });
  log(`the history: ${await history.count()} rows`);
  await shot('history');

  await command(page, 'Test: Start Continuous Run');
  // Asked which tests where there is more than one way to run them.
  const asked = page.locator('.quick-input-widget:visible .monaco-list-row', { hasText: 'Simulate' }).first();
  if (
    await asked.waitFor({ timeout: 4000 }).then(
      () => true,
      () => false,
    )
  )
    await pick(page, 'Simulate');
  await focusEditor(page);
  await goToLine(page, 14, 22);
  await page.keyboard.press('Shift+End');
  await page.keyboard.type('1 GB/s');
  await page.keyboard.press('Control+S');
  await own.locator('.codicon-testing-passed-icon').waitFor({ timeout: 30_000 });
  log('saving runs the tests of the file again');
  await shot('saved');
}
