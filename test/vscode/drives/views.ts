import type { Stage } from '../drive.types.ts';
import { node, openPicture } from '../picture.ts';
import { openAddressMap, openMatrix, viewFrame } from '../views.ts';
import {
  command,
  focusEditor,
  goToLine,
  hover,
  languageReady,
  leave,
  openFile,
  problems,
  setTheme,
  showTab,
  themes,
} from '../workbench.ts';

export const name = 'views';

/** Every view of the extension, kept as a picture in a light, a dark and a high contrast theme. */
export async function run({ page, folder, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const picture = await openPicture(page);
  await picture.locator('.badge').first().waitFor({ timeout: 30_000 });
  await picture.getByRole('button', { name: 'Simulate the work of this file' }).click();
  await picture.locator('.wires .load.full').first().waitFor({ timeout: 40_000 });
  const matrix = await openMatrix(page);
  const map = await openAddressMap(page);
  log('all views are open');

  for (const theme of Object.keys(themes) as (keyof typeof themes)[]) {
    await setTheme(page, folder, theme);
    await showTab(page, /topology/);
    await shot(`topology-load-${theme}`);
    await command(page, 'View: Hide Panel');
    await node(picture, 'cpu0.rp0.sw0.p2.ssd0').click();
    await page.keyboard.press('r');
    await node(picture, 'cpu0.rp1.sw1.p2.nic0').click();
    await picture.locator('.hops li').first().waitFor();
    await shot(`topology-route-${theme}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    for (const overlay of ['ACS', 'IOMMU groups', 'NUMA']) await picture.getByRole('button', { name: overlay }).click();
    await shot(`topology-overlays-${theme}`);
    for (const overlay of ['ACS', 'IOMMU groups', 'NUMA']) await picture.getByRole('button', { name: overlay }).click();
    await showTab(page, /peer matrix/);
    await matrix.locator('[role="gridcell"]').nth(4).click();
    await shot(`matrix-${theme}`);
    await showTab(page, /address map/);
    await map.getByText('gpu0').first().hover();
    await shot(`address-map-${theme}`);
    await focusEditor(page);
    await command(page, 'PCIe: Show Results');
    await (await viewFrame(page, 'main#results')).getByText('neighbours').first().waitFor();
    await shot(`results-${theme}`);
    log(`${theme}: views`);
  }

  await command(page, 'View: Hide Panel');
  await command(page, 'View: Close All Editors');
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await page.locator('.pane-header', { hasText: 'PCIe Machine' }).first().click();
  await page.locator('.monaco-list-row', { hasText: 'epyc-9554' }).first().waitFor({ timeout: 20_000 });
  await openFile(page, 'mistakes.pcie');
  await page.locator('.squiggly-error').first().waitFor();
  for (const theme of Object.keys(themes) as (keyof typeof themes)[]) {
    await setTheme(page, folder, theme);
    await (await problems(page)).nth(1).waitFor();
    await goToLine(page, 24);
    await hover(page, 'gen3', 'root-port rp3');
    // It comes slowly into sight.
    await page.waitForTimeout(500);
    await shot(`editor-${theme}`);
    await leave(page);
  }

  await command(page, 'View: Hide Panel');
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await command(page, 'Testing: Focus on Test Explorer View');
  await page.locator('.test-explorer .monaco-list-row', { hasText: 'ai-server.pcie' }).first().waitFor();
  await command(page, 'Test: Run Tests in Current File');
  await page.locator('.test-explorer .codicon-testing-passed-icon').first().waitFor({ timeout: 30_000 });
  for (const theme of Object.keys(themes) as (keyof typeof themes)[]) {
    await setTheme(page, folder, theme);
    await shot(`tests-${theme}`);
  }
  log('editor, tree and tests');
}
