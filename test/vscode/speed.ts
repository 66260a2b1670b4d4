// What a person waits for in the views, measured in Chromium and in the real VS Code: npm run bench -- views
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { quantile } from '../../bench/statistics.ts';
import { openPage } from '../../scripts/lib/browser.mjs';
import { startCodeServer } from '../../scripts/lib/code-server.mjs';
import { packageExtension } from '../../scripts/lib/package.mjs';
import { machineTexts } from '../client/views/machines.ts';
import { openPicture } from './picture.ts';
import { measureAlone } from './speed-alone.ts';
import { paint, paints } from './speed-paint.ts';
import { type } from './speed-typing.ts';
import { command, focusEditor, languageReady, openFile } from './workbench.ts';

const say = (text: string) => console.error(text);
const ms = (values: readonly number[]): string =>
  `${[0.5, 0.95].map((share) => quantile(values, share).toFixed(0)).join(' / ')} ms`;
const median = (values: readonly number[]): string => `${quantile(values, 0.5).toFixed(0)} ms`;
const row = (...cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);

await measureAlone(longText());
await inVsCode();
// Where others work at the same time, times are theirs as well.
console.log(`\nLoad average at the end: ${(loadavg()[0] ?? 0).toFixed(0)}, on ${cpus().length} cores.`);
process.exit(0);

/** 1,024 drives below 64 switches, each written on a line of its own. */
function longText(): string {
  const lines = ['machine many {'];
  for (let socket = 0; socket < 8; socket++) {
    lines.push(`  socket cpu${socket} {`);
    for (let port = 0; port < 8; port++) {
      lines.push(`    root-port rp${port} gen5 x16 {`, '      switch sw {', '        link gen5 x16');
      for (let drive = 0; drive < 16; drive++)
        lines.push(`        port p${drive} gen4 x4 { nvme ssd${drive} : pm9a3 }`);
      lines.push('      }', '    }');
    }
    lines.push('  }');
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

async function inVsCode(): Promise<void> {
  const vsix = await packageExtension(say);
  const state = mkdtempSync(join(tmpdir(), 'pcie-speed-'));
  const folder = mkdtempSync(join(tmpdir(), 'machines-'));
  writeFileSync(join(folder, 'many.pcie'), longText());
  writeFileSync(join(folder, 'many.txt'), longText());
  writeFileSync(join(folder, 'small.pcie'), machineTexts['ai-server']);
  writeFileSync(join(folder, 'notes.md'), '# Notes\n');
  const server = await startCodeServer({ vsix, state, say });
  const { page, close } = await openPage(state, say);
  const begin = async () => {
    await page.goto(server.address(folder));
    await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    await openFile(page, 'small.pcie');
    await languageReady(page);
  };
  try {
    await measurePaints(page, begin);
    await measureTyping(page);
    // Opens over everything else.
    const activation = await activationTime(page);
    console.log(`\nActivation of the extension, as VS Code tells it: ${activation}.`);
  } finally {
    await close();
    await server.stop();
    for (const path of [state, folder]) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** @param begin opens the workbench anew, with a machine */
async function measurePaints(page: Page, begin: () => Promise<void>): Promise<void> {
  await begin();
  const first = await paint(page, 'topology');
  await command(page, 'View: Close All Editors');
  await page.waitForTimeout(1000);
  await begin();
  await openFile(page, 'notes.md');
  const firstOfAll = await paint(page, 'markdown');
  await command(page, 'View: Close All Editors');
  const markdown = await paints(page, 'notes.md', 'markdown');
  const small = [
    await paints(page, 'small.pcie', 'topology'),
    await paints(page, 'small.pcie', 'matrix'),
    await paints(page, 'small.pcie', 'addressMap'),
  ] as const;
  const large = await paints(page, 'many.pcie', 'topology');
  await openFile(page, 'small.pcie');
  const results = await paint(page, 'results');
  await command(page, 'View: Hide Panel');
  await command(page, 'View: Close All Editors');
  console.log('\n| Until it is drawn, in VS Code (code-server, Chromium) | the first of a session | later, p50 of 5 |');
  console.log('|---|--:|--:|');
  row('VS Code’s own preview of a line of Markdown', `${firstOfAll.toFixed(0)} ms`, median(markdown));
  row('topology of the lecture’s server', `${first.toFixed(0)} ms`, median(small[0]));
  row('its peer matrix', '', median(small[1]));
  row('its address map', '', median(small[2]));
  row('its results, for the first time, the run included', '', `${results.toFixed(0)} ms`);
  row('topology of 1,024 drives', '', median(large));
}

async function measureTyping(page: Page): Promise<void> {
  // What the editor takes by itself, here and now: the same text as one of no language.
  await openFile(page, 'many.txt');
  await page.waitForTimeout(1000);
  const plain = await type(page, null);
  await command(page, 'View: Close All Editors');
  // And in half of the window, beside a view that has nothing to follow.
  await openFile(page, 'small.pcie');
  await openPicture(page);
  await focusEditor(page);
  await openFile(page, 'many.txt');
  await page.waitForTimeout(1000);
  const beside = await type(page, null);
  await command(page, 'View: Close All Editors');
  await openFile(page, 'many.pcie');
  await languageReady(page);
  await page.waitForTimeout(3000);
  const view = await openPicture(page);
  const folded = await type(page, view);
  await view.getByRole('button', { name: 'Unfold everything' }).click();
  await page.waitForTimeout(1500);
  const unfolded = await type(page, view);
  console.log('\n| From a key, in VS Code (code-server, Chromium) | p50 / p95 | the first key | wanted |');
  console.log('|---|--:|--:|--:|');
  const keys = (what: string, values: readonly number[], wanted = '') =>
    row(what, ms(values), `${(values[0] ?? Number.NaN).toFixed(0)} ms`, wanted);
  keys('the same text without a language: to the screen', plain.screen);
  keys('… in half of the window, beside a view that stands still', beside.screen);
  keys('1,024 drives, view open and folded: to the screen', folded.screen, '100 ms at p95');
  keys('… to the picture', folded.view, '250 ms');
  keys('1,024 drives, view open and unfolded: to the screen', unfolded.screen, '100 ms at p95');
  keys('… to the picture', unfolded.view, '250 ms');
}

/** What VS Code says of the extension in its list of running ones. */
async function activationTime(page: Page): Promise<string> {
  await command(page, 'Developer: Show Running Extensions');
  const row = page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'PCIe Topology' }).first();
  await row.waitFor();
  return (/Activation: *(\d+ ?ms)/.exec(await row.innerText())?.[1] ?? 'not told')
    .replace('ms', ' ms')
    .replace('  ', ' ');
}
