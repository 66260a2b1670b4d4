import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../drive.types.ts';
import { viewFrame } from '../views.ts';
import { command, focusEditor, goToLine, languageReady, openFile, pick } from '../workbench.ts';

export const name = 'results';

/** A run, a comparison with a variant, a file of it; and the same run after the panel was closed and the window reloaded. */
export async function run({ page, folder, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await command(page, 'PCIe: Compare With a Variant');
  await pick(page, 'strangers');
  await pick(page, 'All links at Gen5');
  const compared = await viewFrame(page, 'main#results');
  await compared.getByRole('heading', { name: /As written against all links at Gen5/ }).waitFor({ timeout: 40_000 });
  await compared.getByRole('button', { name: 'As written', exact: true }).click();
  await compared.getByRole('heading', { name: /Busy over time/ }).waitFor();
  await shot('compared');
  log('a variant is put beside the text');

  await command(page, 'PCIe: Export Results');
  await pick(page, 'CSV');
  await page.locator('.quick-input-widget .quick-input-title', { hasText: 'Export results' }).waitFor();
  await page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
  const file = join(folder, 'strangers.csv');
  for (let wait = 0; !existsSync(file) && wait < 50; wait++) await page.waitForTimeout(200);
  const rows = readFileSync(file, 'utf8').trim().split('\r\n');
  if (!rows.some((row) => row.startsWith('All links at Gen5,strangers,transfer,')))
    throw new Error('no row of the transfer');
  log(`a file with ${rows.length} rows`);

  await command(page, 'View: Hide Panel');
  await command(page, 'PCIe: Show Results');
  const again = await viewFrame(page, 'main#results');
  await again.getByRole('heading', { name: /As written against all links at Gen5/ }).waitFor();
  log('it is there again after the panel was closed');

  await command(page, 'Developer: Reload Window');
  await page.waitForEvent('load');
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await languageReady(page);
  await command(page, 'PCIe: Show Results');
  const restored = await viewFrame(page, 'main#results');
  await restored.getByRole('heading', { name: /As written against all links at Gen5/ }).waitFor({ timeout: 40_000 });
  if ((await restored.locator('.banner').count()) > 0)
    throw new Error('the text is the same, and the run is called stale');
  await shot('restored');
  log('and after the window was loaded anew');

  await goToLine(page, 1);
  await focusEditor(page);
  await page.keyboard.type(' ');
  await restored.getByText('The text has changed since this run').waitFor({ timeout: 20_000 });
  log('a change of the text makes it stale');
}
