import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type { Stage } from '../drive.types.ts';
import { command, fillPath, pick } from '../workbench.ts';

export const name = 'walkthrough';

const listing = `00:00.0 Host bridge: Intel Corporation Device 09a2
00:01.0 PCI bridge: Intel Corporation Device 352a (prog-if 00 [Normal decode])
\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0
01:00.0 3D controller: NVIDIA Corporation GA100 [A100 PCIe 80GB] (rev a1)
`;

/** Every step of the walkthrough from an empty window: its button works, and it is ticked. */
export async function run({ page, folder, pathOf, shot, log }: Stage): Promise<void> {
  writeFileSync(join(folder, 'host.lspci'), listing);
  const guide = page.locator('.gettingStartedContainer');
  const open = async (): Promise<void> => {
    const tab = page.locator('.part.editor .tab', { hasText: /Walkthrough|Get started/ }).first();
    if ((await tab.count()) > 0) {
      await tab.click();
      return;
    }
    await command(page, 'Welcome: Open Walkthrough...');
    await pick(page, 'Get started with PCIe Topology');
  };
  const step = (title: string): Locator => guide.locator('.getting-started-step', { hasText: title });
  const press = async (title: string, button: string): Promise<void> => {
    await open();
    await step(title).waitFor({ timeout: 20_000 });
    const action = step(title).getByRole('button', { name: button, exact: true });
    if (!(await action.isVisible())) await step(title).locator('.step-title').first().click();
    await action.click();
  };
  const ticked = async (title: string): Promise<void> => {
    await open();
    await step(title).locator('.codicon-getting-started-step-checked').first().waitFor({ timeout: 15_000 });
    log(`${title}: ticked`);
  };

  await press('Open a machine', 'Open an Example');
  await pick(page, 'AI server');
  await page.locator('.codelens-decoration a').first().waitFor({ timeout: 60_000 });
  await ticked('Open a machine');
  await shot('open');

  await press('Simulate a transfer', 'Simulate');
  await pick(page, 'load');
  await ticked('Simulate a transfer');
  await shot('simulate');

  await press('Fix what is wrong', 'Open the Deliberate Mistakes');
  await page.locator('.squiggly-error').first().waitFor({ timeout: 30_000 });
  await press('Fix what is wrong', 'Show Problems');
  await page.locator('.markers-panel').waitFor();
  await ticked('Fix what is wrong');

  await press('Import a real machine', 'Import a Machine');
  await page.locator('.quick-input-widget .quick-input-title', { hasText: 'Import a machine' }).waitFor();
  await fillPath(page, pathOf('host.lspci'));
  await page.locator('.quick-input-widget').getByRole('button', { name: 'Import' }).click();
  await page.locator('.view-line', { hasText: 'a100' }).first().waitFor({ timeout: 30_000 });
  await ticked('Import a real machine');
  await shot('import');

  await page.locator('.part.editor .tab', { hasText: 'AI server of the lecture' }).first().click();
  await press('Compare', 'Compare With a Variant');
  await pick(page, 'load');
  await pick(page, 'All links at Gen5');
  await ticked('Compare');
  await shot('all');
}
