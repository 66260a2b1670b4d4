import type { Stage } from '../drive.types.ts';
import { command, languageReady, openFile } from '../workbench.ts';

export const name = 'testing';

/** Every `expect` is a test; the machine stands as a tree in the explorer. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);

  const header = page.locator('.pane-header', { hasText: 'PCIe Machine' }).first();
  await header.click();
  const row = page.locator('.monaco-list-row', { hasText: 'epyc-9554' }).first();
  await row.waitFor({ timeout: 20_000 });
  log(`the tree: ${(await row.innerText()).replace(/\s+/g, ' ')}`);
  await shot('tree');

  await command(page, 'Testing: Focus on Test Explorer View');
  const file = page.locator('.test-explorer .monaco-list-row', { hasText: 'ai-server.pcie' }).first();
  await file.waitFor({ timeout: 20_000 });
  await command(page, 'Test: Run Tests in Current File');
  await page.locator('.test-explorer .codicon-testing-passed-icon').first().waitFor({ timeout: 30_000 });
  log('expectations passed in the Test Explorer');
  await shot('passed');
}
