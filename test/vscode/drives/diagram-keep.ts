import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import type { Stage } from '../drive.types.ts';
import { node, openPicture } from '../picture.ts';
import { goToLine, languageReady, openFile } from '../workbench.ts';

export const name = 'diagram-keep';

/** The picture of a half-written text, kept as a file, and marked with how another machine differs. */
export async function run({ page, folder, shot, log }: Stage): Promise<void> {
  const text = readFileSync(join(folder, 'ai-server.pcie'), 'utf8');
  writeFileSync(
    join(folder, 'ai-server-as-built.pcie'),
    text.replace('root-port rp2 gen3 x8', 'root-port rp2 gen3 x4'),
  );
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const view = await openPicture(page);
  await node(view, 'cpu0.rp2.fpga0').waitFor();

  await keep(page, view, 'SVG');
  const svg = readFileSync(join(folder, 'ai-server.svg'), 'utf8');
  if (!svg.includes('<svg') || !svg.includes('fpga0') || svg.includes('var(--')) throw new Error(`a bad SVG: ${svg}`);
  await keep(page, view, 'PNG');
  const png = readFileSync(join(folder, 'ai-server.png'));
  if (png.subarray(1, 4).toString('latin1') !== 'PNG' || png.length < 10_000) throw new Error('a bad PNG');
  log('kept as SVG and as PNG');

  await goToLine(page, 30);
  await page.keyboard.press('Home');
  await page.keyboard.type('root-port half gen4 { nvme');
  await view.getByText(/The text has .*what is sound of it is drawn/).waitFor();
  await node(view, 'cpu0.rp0.sw0.p0.gpu0').waitFor();
  await shot('errors');
  for (let step = 0; step < 40 && (await view.getByText(/The text has/).count()) > 0; step++) {
    await page.keyboard.press('Control+Z');
    await page.waitForTimeout(300);
  }
  await node(view, 'cpu0.rp2.fpga0').waitFor();
  log('drawn while it had errors');

  const entry = (file: string) =>
    page.locator('.explorer-folders-view .monaco-list-row', { has: page.getByText(file, { exact: true }) }).first();
  await entry('ai-server.pcie').click();
  await entry('ai-server-as-built.pcie').click({ modifiers: ['Control'] });
  await entry('ai-server.pcie').click({ button: 'right' });
  // A menu that is still coming takes no clicks.
  await page.waitForTimeout(1000);
  await page.getByRole('menuitem', { name: /Compare Two Machines/ }).click();
  // The report comes last, in the column of the texts: the picture stays in sight.
  await page.locator('.part.editor .tab.active', { hasText: 'ai-server.pcie ↔' }).first().waitFor();
  await view.locator('.badge.differs').first().waitFor({ timeout: 40_000 });
  await view.locator('.badge.differs').first().click();
  await view.locator('.details').getByText('Different in ai-server-as-built.pcie').waitFor();
  await shot('differences');
  log('marked with how another machine differs');
}

/** Saves where the dialog proposes to. */
async function keep(page: Page, view: Frame, format: 'SVG' | 'PNG'): Promise<void> {
  const file = `ai-server.${format.toLowerCase()}`;
  await view.getByRole('button', { name: `Save the picture as ${format}` }).click();
  const input = page.locator('.quick-input-widget input.input');
  await input.waitFor();
  await page.waitForFunction((end) => {
    const field = document.querySelector('.quick-input-widget input.input');
    return field instanceof HTMLInputElement && field.value.endsWith(end);
  }, file);
  await input.press('Enter');
  await view.getByText(`Saved as ${file}`).waitFor();
}
