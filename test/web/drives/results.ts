import type { Stage } from '../../vscode/drive.types.ts';
import { viewFrame } from '../../vscode/views.ts';
import { command, focusEditor, goToLine, languageReady, openFile, pick } from '../../vscode/workbench.ts';

export const name = 'results';

/** In the browser alone: two variants side by side, tests, and what a change of the text makes of both. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await command(page, 'PCIe: Compare With a Variant');
  await pick(page, 'strangers');
  await pick(page, 'All links at Gen5');
  const results = await viewFrame(page, 'main#results');
  await results.getByRole('heading', { name: /As written against all links at Gen5/ }).waitFor({ timeout: 40_000 });
  await results.getByRole('button', { name: 'As written', exact: true }).click();
  await results.getByRole('heading', { name: /Busy over time/ }).waitFor();
  await shot('compared');
  log('a variant is put beside the text');

  await command(page, 'Test: Run Tests in Current File');
  await command(page, 'Testing: Focus on Test Explorer View');
  await page.locator('.test-explorer .codicon-testing-passed-icon').first().waitFor({ timeout: 40_000 });
  await shot('tests');
  log('expectations are tests');

  // The results of the tests have taken its place.
  await command(page, 'PCIe: Show Results');
  const again = await viewFrame(page, 'main#results');
  await again.getByRole('heading', { name: /As written against all links at Gen5/ }).waitFor();
  await goToLine(page, 1);
  await focusEditor(page);
  await page.keyboard.type(' ');
  await again.getByText('The text has changed since this run').waitFor({ timeout: 20_000 });
  log('a change of the text makes a run stale');
}
