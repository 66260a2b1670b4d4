import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { Stage } from '../drive.types.ts';
import { viewFrame } from '../views.ts';
import { command, languageReady, openFile, pick, showTab } from '../workbench.ts';

export const name = 'commands';

/** What makes sense whatever is open, once the extension runs. */
const always = [
  'Compare Two Machines…',
  'Import a Real Machine…',
  'Open Example…',
  'Restart Language Server',
  'Show Log',
  'Show Results',
];
/** What needs a machine in front. */
const ofMachine = [
  'Compare With a Variant (ACS Off, Another Generation, …)',
  'Compare With and Without Peer-to-Peer…',
  'Show Address Map',
  'Show Distances Between Devices',
  'Show Enumeration at Boot',
  'Show IOMMU Groups',
  'Show Path Between Two Devices…',
  'Show Peer Matrix',
  'Show Ports, Devices and Links',
  'Show Topology',
  'Simulate All Work in This File',
  'Simulate…',
  'Step Through Discovery',
];
/** What needs a result. */
const ofResults = ['Export Results (JSON, CSV, Perfetto)…', 'Open Results as Text', 'Simulate Again'];

export function prepare(folder: string): void {
  writeFileSync(join(folder, 'notes.md'), '# Notes\n\nNothing of PCIe.\n');
}

/** The commands that there are, the tree, the status bar and empty views: with no file, another file, a machine in front. */
export async function run(stage: Stage): Promise<void> {
  const { page, log } = stage;
  await emptyTree(stage);
  await lists(page, 'no file', always);
  await openFile(page, 'notes.md');
  await lists(page, 'another file', always);
  await isHidden(bar(page));
  log('with no file, or another one in front, there are the commands that need no machine');

  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await tree(stage);
  await lists(page, 'a machine', [...always, ...ofMachine]);
  log(`with a machine in front: ${always.length + ofMachine.length} commands`);
  await statusBar(stage);
  await lists(page, 'its picture', [...always, ...ofMachine, ...ofResults], /topology/);
  log('and as many with its picture in front');
  await everyCommand(stage);
}

const bar = (page: Page): Locator => page.locator('.statusbar-item[id$="pcie.machine"]');

async function isHidden(what: Locator): Promise<void> {
  await what.waitFor({ state: 'hidden', timeout: 10_000 });
}

/** Holds the commands that the palette lists to those that make sense. */
async function lists(page: Page, when: string, expected: readonly string[], tab?: RegExp): Promise<void> {
  const found = await listed(page, tab);
  const wanted = [...expected].sort();
  const missing = wanted.filter((title) => !found.includes(title));
  const odd = found.filter((title) => !wanted.includes(title));
  if (missing.length + odd.length > 0)
    throw new Error(`with ${when} in front the palette lacks [${missing.join(', ')}] and has [${odd.join(', ')}]`);
}

/** The titles of our commands that the palette lists, in order. */
async function listed(page: Page, tab?: RegExp): Promise<string[]> {
  const input = page.locator('.quick-input-widget input.input');
  for (let attempt = 1; ; attempt++) {
    if (tab !== undefined) await page.locator('.part.editor .tab', { hasText: tab }).first().click();
    await page.keyboard.press('F1');
    try {
      await input.waitFor({ timeout: 4000 });
      break;
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
  await input.fill('>PCIe: ');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'PCIe: ' }).first().waitFor();
  await page.waitForTimeout(500);
  const focused = page.locator('.quick-input-list .monaco-list-row.focused').first();
  const titles: string[] = [];
  // The list shows a part of its rows: the keys go through all of them, and around.
  for (let first: string | null = null; titles.length < 60; await page.keyboard.press('ArrowDown')) {
    const index = await focused.getAttribute('data-index');
    if (index === first) break;
    first ??= index;
    titles.push((await focused.locator('.label-name').first().innerText()).replace(/\u00a0/g, ' '));
  }
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  // The editor itself offers to focus each view.
  const ours = titles.filter((title) => title.startsWith('PCIe: ') && !title.startsWith('PCIe: Focus on '));
  return ours.map((title) => title.slice('PCIe: '.length));
}

/** Without a machine the tree says what it is for, and how to come by one. */
async function emptyTree({ page, workbench, log, shot }: Stage): Promise<void> {
  if (workbench === 'web') {
    // Folders that cannot be searched start nothing: the first machine does.
    await openFile(page, 'ai-server.pcie');
    await languageReady(page);
    await command(page, 'View: Close All Editors');
  }
  await page.locator('.pane-header', { hasText: 'PCIe Machine' }).first().click({ timeout: 60_000 });
  const welcome = page.locator('.welcome-view-content', { hasText: 'what hangs below what' });
  await welcome.waitFor();
  await welcome.getByRole('button', { name: 'Import a Real Machine' }).waitFor();
  await shot('welcome');
  await welcome.getByRole('button', { name: 'Open an Example' }).click();
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Deliberate mistakes' }).first().waitFor();
  await page.keyboard.press('Escape');
  log('the empty tree says what it is for, and its button offers the examples');
}

/** The tree has the sockets, switches and devices of the text, and leads to their lines. */
async function tree({ page, log, shot }: Stage): Promise<void> {
  const rows = page.locator('.tree-explorer-viewlet-tree-view .monaco-list-row');
  await rows.filter({ hasText: 'epyc-9554' }).first().waitFor();
  const port = rows.filter({ hasText: /rp0/ }).first();
  if (!/Gen5 x16/.test(await port.innerText())) throw new Error(`the tree says of rp0: ${await port.innerText()}`);
  await port.click();
  await page.locator('.statusbar-item', { hasText: 'Ln 21' }).first().waitFor();
  await shot('tree');
  log('a click in the tree leads to the line');
}

/** The status bar names the machine and its last run; a click draws it. */
async function statusBar({ page, log, shot }: Stage): Promise<void> {
  const item = bar(page);
  await item.filter({ hasText: /^\s*ai-server\s*$/ }).waitFor();
  await command(page, 'PCIe: Simulate…');
  await pick(page, 'load-staged');
  await item.filter({ hasText: /ai-server · load-staged [\d.]+ GB\/s/ }).waitFor();
  await item.hover();
  const tooltip = page.locator('.monaco-hover:not(.hidden)', { hasText: 'Last run' }).first();
  await tooltip.waitFor();
  log(`the status bar: ${await item.innerText()}: ${(await tooltip.innerText()).replace(/\s+/g, ' ')}`);
  await shot('status-bar');
  await page.mouse.move(700, 300);
  await item.click();
  await viewFrame(page, 'main#diagram [data-node]');
  log('a click on it draws the machine');
}

/** Runs each command that is listed: something comes of it, and no message says that it failed. */
async function everyCommand({ page, log }: Stage): Promise<void> {
  const asks = (placeholder: RegExp): Locator => page.locator('.quick-input-widget').getByPlaceholder(placeholder);
  const dialog = page.locator('.quick-input-widget').getByRole('button', { name: /^(Import|Compare)$/ });
  const tab = (title: RegExp): Locator => page.locator('.part.editor .tab.active', { hasText: title }).first();
  const panel = (title: string): Locator => page.locator('.part.panel .action-item.checked', { hasText: title });
  const comes: Readonly<Record<string, Locator>> = {
    'Compare Two Machines…': dialog,
    'Import a Real Machine…': dialog,
    'Open Example…': asks(/Which machine/),
    'Restart Language Server': page.locator('.statusbar-item', { hasText: 'was restarted' }),
    'Show Log': panel('Output'),
    'Show Results': panel('PCIe'),
    'Compare With a Variant (ACS Off, Another Generation, …)': asks(/What should run/),
    'Compare With and Without Peer-to-Peer…': asks(/What should run/),
    'Show Address Map': tab(/address/i),
    'Show Distances Between Devices': tab(/matrix/i),
    'Show Enumeration at Boot': tab(/enumerate/i),
    'Show IOMMU Groups': tab(/groups/i),
    'Show Path Between Two Devices…': asks(/From where/),
    'Show Peer Matrix': tab(/peer/i),
    'Show Ports, Devices and Links': tab(/show/i),
    'Show Topology': tab(/topology/i),
    'Simulate All Work in This File': page.locator('.statusbar-item', { hasText: 'all work' }),
    'Simulate…': asks(/What should run/),
    'Step Through Discovery': asks(/Arrow keys/),
    'Export Results (JSON, CSV, Perfetto)…': asks(/which format/),
    'Open Results as Text': tab(/result|run|simulat/i),
    'Simulate Again': panel('PCIe'),
  };
  const failed = page.locator('.notification-toast .codicon-error');
  for (const title of [...always, ...ofMachine, ...ofResults]) {
    const shown = comes[title];
    if (shown === undefined) throw new Error(`nobody knows what comes of ${title}`);
    await showTab(page, 'ai-server.pcie');
    await command(page, `PCIe: ${title}`);
    await shown.waitFor().catch(() => {
      throw new Error(`nothing comes of ${title}`);
    });
    if ((await failed.count()) > 0)
      throw new Error(`${title}: ${await page.locator('.notification-toast').innerText()}`);
    const box = page.locator('.quick-input-widget');
    for (let press = 0; press < 5 && (await box.isVisible()); press++) {
      await page.keyboard.press('Escape');
      await page.waitForTimeout(200);
    }
  }
  log('something comes of every command, and none fails');
}
