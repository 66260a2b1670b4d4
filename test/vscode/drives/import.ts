import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { root } from '../../../scripts/lib/run.mjs';
import type { Stage } from '../drive.types.ts';
import { openPicture } from '../picture.ts';
import { viewFrame } from '../views.ts';
import { command, fillPath, languageReady, openFile, pick, showTab } from '../workbench.ts';

export const name = 'import';

export function prepare(folder: string): void {
  cpSync(join(root, 'test/formats/fixtures/switch-server.lspci.txt'), join(folder, 'host.lspci.txt'));
  writeFileSync(join(folder, 'empty.lspci.txt'), 'Nothing here is of a machine.\n');
  writeFileSync(join(folder, 'topology.md'), '# The topology of the office\n');
  const design = readFileSync(join(folder, 'ai-server.pcie'), 'utf8');
  writeFileSync(join(folder, 'built.pcie'), design.replace('port p2 gen4 x4 {', 'port p2 gen3 x4 {'));
}

/** A real machine becomes text, two machines are compared, results become files; each from where a person would look. */
export async function run(stage: Stage): Promise<void> {
  await exportAll(stage);
  await importOne(stage);
  await compareTwo(stage);
  await compareByWalkthrough(stage);
}

const row = (page: Page, file: string): Locator =>
  page.locator('.explorer-folders-view .monaco-list-row', { hasText: file }).first();

/** Opens the menu of a file in the explorer, and says what it has. */
async function menuOf(page: Page, file: string): Promise<Locator> {
  await row(page, file).click({ button: 'right' });
  const items = page.locator('.context-view .action-menu-item');
  await items.filter({ hasText: 'Copy Path' }).first().waitFor();
  return items;
}

/** Takes an entry of a menu: one that just opens takes no click. */
async function take(page: Page, entry: Locator): Promise<void> {
  await entry.hover();
  await page.waitForTimeout(500);
  await entry.click();
}

async function importOne({ page, log, shot }: Stage): Promise<void> {
  const import_ = { hasText: 'Import a Real Machine' };
  // Menus of extensions come a while after the explorer.
  await page.locator('.pane-header', { hasText: 'PCIe Machine' }).first().waitFor({ timeout: 90_000 });
  const other = await menuOf(page, 'topology.md');
  if ((await other.filter(import_).count()) > 0) throw new Error('any file can be imported, says its menu');
  await page.keyboard.press('Escape');

  const menu = await menuOf(page, 'host.lspci.txt');
  await menu.filter(import_).waitFor();
  await shot('menu');
  await take(page, menu.filter(import_));
  await page
    .locator('.part.editor .tab.active', { hasText: /imported from host.lspci.txt/ })
    .waitFor({ timeout: 60_000 });
  await languageReady(page);
  await page
    .locator('.view-line', { hasText: /root-port/ })
    .first()
    .waitFor();
  if ((await page.locator('.part.editor .squiggly-error').count()) > 0) throw new Error('what was imported has errors');
  await shot('imported');
  log('a listing becomes text by its menu in the explorer');

  await take(page, (await menuOf(page, 'empty.lspci.txt')).filter(import_));
  const refused = page.locator('.notification-toast', { hasText: 'empty.lspci.txt' });
  await refused.waitFor();
  log(`what is no machine is refused: ${/empty.*/.exec(await refused.innerText())?.[0]}`);
  await shot('refused');
  await command(page, 'Notifications: Clear All Notifications');
}

/** Two texts of the explorer: the differences in words, in the texts, and in the picture, which stays in sight. */
async function compareTwo({ page, log, shot }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const picture = await openPicture(page);
  await showTab(page, 'ai-server.pcie'); // the explorer opens in the column that was used last
  await row(page, 'ai-server.pcie').click();
  await row(page, 'built.pcie').click({ modifiers: ['Control'] });
  const menu = await menuOf(page, 'built.pcie');
  await take(page, menu.filter({ hasText: 'Compare Two Machines' }));
  await compared(page, 'ai-server.pcie ↔ built.pcie', /p2.*Gen4.*Gen3/);
  await page.locator('.part.editor .tab.active', { hasText: /topology/ }).waitFor();
  await picture.locator('.badge.differs').first().waitFor();
  await shot('compared');
  log('two machines of the explorer: in words, side by side, and marked in the picture beside them');
}

/** The report is in sight, the texts side by side are open. */
async function compared(page: Page, title: string, says: RegExp): Promise<void> {
  await page.locator('.part.editor .tab', { hasText: title }).first().waitFor({ timeout: 40_000 });
  await page.locator('.view-line', { hasText: says }).first().waitFor();
}

/** From the walkthrough the two files are asked for. */
async function compareByWalkthrough({ page, pathOf, log, shot }: Stage): Promise<void> {
  await command(page, 'Welcome: Open Walkthrough...');
  await pick(page, 'Get started with PCIe Topology');
  const step = page.locator('.getting-started-step', { hasText: 'Two Machines' });
  await page.locator('.getting-started-step .step-title', { hasText: /^Compare$/ }).click();
  await step.getByRole('button', { name: 'Compare Two Machines' }).click();
  const title = page.locator('.quick-input-widget .quick-input-title');
  for (const [file, asks] of [
    ['built.pcie', /Compare two machines/],
    ['ai-server.pcie', /Compare built\.pcie with/],
  ] as const) {
    await title.filter({ hasText: asks }).waitFor();
    await fillPath(page, pathOf(file));
    await page.locator('.quick-input-widget').getByRole('button', { name: 'Compare' }).click();
  }
  await compared(page, 'built.pcie ↔ ai-server.pcie', /p2.*Gen3.*Gen4/);
  await shot('walkthrough');
  log('and by the button of the walkthrough, which asks for one after the other');
}

/** A run as a file of each format, where the person says. */
async function exportAll({ page, folder, pathOf, log, shot }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await command(page, 'PCIe: Simulate…');
  await pick(page, 'neighbours');
  const results = await viewFrame(page, 'main#results');
  await results.getByRole('heading', { name: /^neighbours/ }).waitFor({ timeout: 40_000 });
  for (const [format, file, sound] of [
    ['JSON', 'a.json', (text: string) => 'variants' in JSON.parse(text)],
    ['CSV', 'a.csv', (text: string) => text.split('\r\n').some((line) => /,neighbours,transfer,/.test(line))],
    ['Perfetto', 'a-trace.json', (text: string) => JSON.parse(text).traceEvents.length > 3],
  ] as const) {
    await showTab(page, 'ai-server.pcie');
    await command(page, 'PCIe: Export Results');
    await pick(page, format);
    await page.locator('.quick-input-widget .quick-input-title', { hasText: 'Export results' }).waitFor();
    await shot(`export-${format}`);
    await fillPath(page, pathOf(file));
    await page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    for (let wait = 0; !existsSync(join(folder, file)) && wait < 50; wait++) await page.waitForTimeout(200);
    await page.waitForTimeout(300);
    if (!sound(readFileSync(join(folder, file), 'utf8'))) throw new Error(`${format}: the run is not in it`);
    log(`${format}: ${readFileSync(join(folder, file)).length} bytes`);
  }
  await command(page, 'View: Hide Panel');
}
