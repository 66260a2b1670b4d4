// The pictures of README.md, taken in the real VS Code: npm run pictures
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openPage } from '../../scripts/lib/browser.mjs';
import { startCodeServer } from '../../scripts/lib/code-server.mjs';
import { aptInstall } from '../../scripts/lib/install.mjs';
import { packageExtension } from '../../scripts/lib/package.mjs';
import { root } from '../../scripts/lib/run.mjs';
import { node, openPicture } from './picture.ts';
import { palette, Recorder } from './recorder.ts';
import { openAddressMap, openMatrix, viewFrame } from './views.ts';
import {
  command,
  goToLine,
  hover,
  languageReady,
  leave,
  lens,
  line,
  openFile,
  resultsView,
  setTheme,
  token,
  writeTheme,
} from './workbench.ts';

const images = join(root, 'docs/images');
const mostBytes = 1.5e6;
const started = Date.now();
const say = (text: string) => console.log(`${((Date.now() - started) / 1000).toFixed(1)} s  ${text}`);

if (!existsSync('/usr/bin/ffmpeg') && !(await aptInstall(['ffmpeg']))) throw new Error('ffmpeg is missing');
mkdirSync(images, { recursive: true });
const vsix = await packageExtension(say);
const only = process.argv.slice(2);
if (only.length === 0 || only.includes('stills')) await onStage(1400, 860, stills);
if (only.length === 0 || only.includes('recording')) await onStage(1180, 760, recording);
process.exit(0);

/** A fresh VS Code over one sound machine: what is wrong in other files is not counted in its status bar. */
async function onStage(width: number, height: number, walk: (page: Page, folder: string) => Promise<void>) {
  const state = mkdtempSync(join(tmpdir(), 'pcie-pictures-'));
  const above = mkdtempSync(join(tmpdir(), 'pcie-'));
  const folder = join(above, 'machines');
  mkdirSync(folder);
  cpSync(join(root, 'examples/ai-server.pcie'), join(folder, 'ai-server.pcie'));
  const server = await startCodeServer({ vsix, state, say });
  const browser = await openPage(state, say);
  try {
    await browser.page.setViewportSize({ width, height });
    writeTheme(folder, 'dark');
    await browser.page.goto(server.address(folder));
    await browser.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    await walk(browser.page, folder);
  } finally {
    await browser.close();
    await server.stop();
    for (const path of [state, above]) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Shows a text and its picture side by side, with nothing else. */
async function beside(page: Page) {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const picture = await openPicture(page);
  await picture.locator('.badge').first().waitFor({ timeout: 30_000 });
  await command(page, 'View: Toggle Primary Side Bar Visibility');
  await page.waitForTimeout(800);
  return picture;
}

async function stills(page: Page, folder: string): Promise<void> {
  const shot = async (name: string) => {
    const whole = join(tmpdir(), `pcie-${process.pid}.png`);
    await page.screenshot({ path: whole });
    await palette(whole, join(images, `${name}.png`));
    rmSync(whole);
    say(name);
  };
  const picture = await beside(page);
  await picture.getByRole('button', { name: 'Simulate the work of this file' }).click();
  await picture.locator('.wires .load.full').first().waitFor({ timeout: 40_000 });
  await command(page, 'View: Hide Panel');
  await goToLine(page, 30);
  await picture.getByRole('button', { name: 'Fit everything' }).click();
  await page.waitForTimeout(600);
  await shot('topology');
  await node(picture, 'cpu0.rp0.sw0.p2.ssd0').click();
  await page.keyboard.press('r');
  await node(picture, 'cpu0.rp1.sw1.p0.gpu2').click();
  await picture.locator('.hops li').first().waitFor();
  await picture.getByRole('button', { name: 'Fit everything' }).click();
  await page.waitForTimeout(600);
  await shot('route');
  await openFile(page, 'ai-server.pcie');
  const matrix = await openMatrix(page);
  await matrix.locator('[role="gridcell"]').nth(4).click();
  await matrix.getByText('Why').first().waitFor();
  await shot('matrix');
  const map = await openAddressMap(page);
  await map.getByText('gpu0').first().hover();
  await shot('address-map');
  await command(page, 'View: Close All Editors');
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await goToLine(page, 24);
  await hover(page, 'p0', 'port p0 gen4 x16');
  await shot('hover');
  await leave(page);
  await command(page, 'PCIe: Show Results');
  await (await viewFrame(page, 'main#results')).getByText('neighbours').first().waitFor();
  await page.waitForTimeout(500);
  await shot('results');
  await command(page, 'View: Hide Panel');
  cpSync(join(root, 'examples/mistakes.pcie'), join(folder, 'mistakes.pcie'));
  // Quick Open does not find what is this new: the explorer shows it.
  await command(page, 'View: Toggle Primary Side Bar Visibility');
  await openFile(page, 'mistakes.pcie');
  await command(page, 'View: Toggle Primary Side Bar Visibility');
  await page.locator('.squiggly-error').first().waitFor();
  await goToLine(page, 18, 8);
  await page.keyboard.press('Control+.');
  await page.locator('.action-widget .monaco-list-row', { hasText: 'Write memory-channels' }).first().waitFor();
  await shot('fix');
}

/** The main job: read, make a mistake, fix it, simulate, see where the data goes, rename, switch to the light theme. */
async function recording(page: Page, folder: string): Promise<void> {
  const picture = await beside(page);
  const film = new Recorder(page);
  await film.begin();
  await goToLine(page, 30, 1);
  await film.say('A machine as text, and its picture beside it');
  await film.still(2.2);

  await film.say('Point at a port: what its link carries, and why');
  await film.point(token(page, 'p0', 'port p0 gen4 x16'));
  await hover(page, 'p0', 'port p0 gen4 x16');
  await film.still(2.6);
  await leave(page);

  await film.say('Type: the picture follows, mistakes are marked in both');
  await goToLine(page, 26, 24);
  await film.still(0.6);
  await page.keyboard.press('Backspace');
  await page.keyboard.type('3');
  await page.locator('.squiggly-error').first().waitFor();
  await picture.locator('.badge.error').first().waitFor();
  await film.still(1.8);
  await film.say('Fixes are one key away');
  await goToLine(page, 26, 23);
  await page.keyboard.press('Control+.');
  await page.locator('.action-widget .monaco-list-row', { hasText: 'Write x4' }).first().waitFor();
  await film.still(1.4);
  await page.keyboard.press('ArrowDown');
  await film.still(0.5);
  await page.keyboard.press('Enter');
  await line(page, 'port p2 gen4 x4').waitFor();
  await picture.locator('.badge.error').first().waitFor({ state: 'detached' });
  await film.still(1);

  await film.say('Simulate a transfer from its lens');
  await goToLine(page, 47, 1);
  await film.point(lens(page, 'Simulate this transfer'));
  await film.still(1);
  for (let attempt = 1; ; attempt++) {
    await lens(page, 'Simulate this transfer').click();
    try {
      await picture.locator('.wires .load.high, .wires .load.full').first().waitFor({ timeout: 8000 });
      break;
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
  await resultsView(page)
    .getByText(/6\.5 GB\/s/)
    .first()
    .waitFor()
    .catch(() => undefined);
  await page.waitForTimeout(1200);
  await film.say('Rate, route and bottleneck; load on the links');
  await film.still(3);

  await film.say('Which way does the data take? Click two devices');
  await command(page, 'View: Hide Panel');
  await page.waitForTimeout(600);
  await node(picture, 'cpu0.rp0.sw0.p2.ssd0').click();
  await film.point(node(picture, 'cpu0.rp0.sw0.p2.ssd0'));
  await film.still(1);
  await page.keyboard.press('r');
  await page.waitForTimeout(500);
  await film.point(node(picture, 'cpu0.rp1.sw1.p0.gpu2'));
  await film.still(0.8);
  await node(picture, 'cpu0.rp1.sw1.p0.gpu2').click();
  await picture.locator('.hops li').first().waitFor();
  await page.waitForTimeout(400);
  await film.say('Hop by hop: bandwidth, latency, reasons');
  await film.still(3);

  await film.say('Every theme');
  await setTheme(page, folder, 'light');
  await page.waitForTimeout(1000);
  await film.still(2.2);
  const bytes = await film.write(join(images, 'main-job.gif'), 1000);
  say(`main-job.gif: ${Math.round(bytes / 1000)} kB`);
  if (bytes > mostBytes) throw new Error('the recording is too large to be read with a page');
}
