// What a person waits for in the views, measured in Chromium and in the real VS Code: npm run bench -- views
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { quantile } from '../../bench/statistics.ts';
import { openPage } from '../../scripts/lib/browser.mjs';
import { startCodeServer } from '../../scripts/lib/code-server.mjs';
import { packageExtension } from '../../scripts/lib/package.mjs';
import { updateBetween } from '../../server/diagram/update.ts';
import { launchChromium } from '../client/views/chromium.ts';
import { machineTexts } from '../client/views/machines.ts';
import { serveDiagram } from '../client/views/server.ts';
import { openPicture } from './picture.ts';
import { command, goToLine, languageReady, openFile } from './workbench.ts';

const say = (text: string) => console.error(text);
const ms = (values: readonly number[]): string =>
  [0.5, 0.95].map((share) => quantile(values, share).toFixed(0)).join(' / ');

/** Behind the name of the drive in a line of `longText`. */
const columnOfName = '        port p2 gen4 x4 { nvme ssd2'.length + 1;

await alone();
await inVsCode();
// Where others work at the same time, times are theirs as well.
console.log(`\nLoad average at the end: ${(loadavg()[0] ?? 0).toFixed(0)}, on ${cpus().length} cores.`);
process.exit(0);

// ---- the view by itself ----

/** How long a picture and a change of it take from their message to the frame, and how long frames take while one moves. */
async function alone(): Promise<void> {
  const views = await serveDiagram();
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1200, height: 850 } });
  await page.goto(`${views.url}?data=many&theme=dark`);
  await page.waitForSelector('[data-node]');
  const text = longText();
  const other = text.replace('nvme ssd7', 'nvme boot');
  console.log(
    '| 1,024 drives in Chromium, by itself | nodes | a picture from nothing | a name that is typed p50 / p95 | a frame while zooming p50 / p95 |',
  );
  console.log('|---|--:|--:|--:|--:|');
  for (const unfolded of [false, true]) {
    if (unfolded) await page.getByRole('button', { name: 'Unfold everything' }).click();
    let diagram = await views.answers.diagram('many', text);
    const show = (message: unknown) => page.evaluate(timeToFrame, JSON.stringify(message));
    const first = await show({ kind: 'diagram', file: 'm.pcie', step: 0, diagram });
    const shown: number[] = [];
    for (let round = 1; round <= 24; round++) {
      const next = await views.answers.diagram('many', round % 2 === 0 ? text : other);
      const update = diagram === null || next === null ? null : updateBetween(diagram, next);
      if (update === null) throw new Error('nothing is otherwise');
      const taken = await show({ kind: 'update', step: round, update });
      if (round > 4) shown.push(taken);
      diagram = next;
    }
    const frames = await framesWhileZooming(page);
    const nodes = await page.locator('[data-node]').count();
    console.log(
      `| ${unfolded ? 'everything unfolded' : 'switches folded'} | ${nodes} | ${first.toFixed(0)} ms | ${ms(shown)} ms | ${ms(frames)} ms |`,
    );
  }
  await browser.close();
  await views.close();
}

/** Runs in the page: milliseconds from a message until the frame after the one that it is drawn in. */
function timeToFrame(message: string): Promise<number> {
  return new Promise((resolve) => {
    const before = performance.now();
    window.addEventListener(
      'message',
      () => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - before))),
      { once: true },
    );
    window.postMessage(JSON.parse(message), '*');
  });
}

async function framesWhileZooming(page: Page): Promise<number[]> {
  await page.mouse.move(600, 450);
  await page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    const step = (now: number) => {
      frames.push(now - last);
      last = now;
      if (!('frameTimes' in window)) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
    Object.assign(document, { recordedFrames: frames });
  });
  await page.keyboard.down('Control');
  for (let step = 0; step < 40; step++) await page.mouse.wheel(0, step < 20 ? -30 : 30);
  await page.keyboard.up('Control');
  for (let step = 0; step < 40; step++) await page.mouse.wheel(20, 10);
  return page.evaluate(() => {
    Object.assign(window, { frameTimes: true });
    const frames = 'recordedFrames' in document ? (document.recordedFrames as number[]) : [];
    Reflect.deleteProperty(window, 'frameTimes');
    return frames.splice(0, frames.length).slice(2);
  });
}

// ---- in VS Code ----

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
  const server = await startCodeServer({ vsix, state, say });
  const { page, close } = await openPage(state, say);
  try {
    await page.goto(server.address(folder));
    await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    await openFile(page, 'small.pcie');
    await languageReady(page);
    const first = await paint(page);
    await command(page, 'View: Close All Editors');
    // What the editor takes by itself, here and now: the same text as one of no language.
    await openFile(page, 'many.txt');
    await page.waitForTimeout(1000);
    const plain = await type(page, null);
    await command(page, 'View: Close All Editors');
    await openFile(page, 'many.pcie');
    await languageReady(page);
    await page.waitForTimeout(3000);
    const large = await paint(page);
    const view = await openPicture(page);
    const folded = await type(page, view);
    await view.getByRole('button', { name: 'Unfold everything' }).click();
    await page.waitForTimeout(1500);
    const unfolded = await type(page, view);
    const activation = await activationTime(page);
    const row = (what: string, value: string, wanted = '') => console.log(`| ${what} | ${value} | ${wanted} |`);
    console.log('\n| In VS Code (code-server, Chromium) | p50 / p95 | wanted |\n|---|--:|--:|');
    row('activation of the extension, as VS Code tells it', activation);
    row('command to the first picture, the lecture’s server', `${first.toFixed(0)} ms`);
    row('command to the first picture, 1,024 drives', `${large.toFixed(0)} ms`);
    row('the same text without a language: keystroke to screen', `${ms(plain.screen)} ms`);
    row('1,024 drives, view open and folded: keystroke to screen', `${ms(folded.screen)} ms`, '100 ms at p95');
    row('… keystroke to the picture', `${ms(folded.view)} ms`, '250 ms');
    row('1,024 drives, view open and unfolded: keystroke to screen', `${ms(unfolded.screen)} ms`, '100 ms at p95');
    row('… keystroke to the picture', `${ms(unfolded.view)} ms`, '250 ms');
  } finally {
    await close();
    await server.stop();
    for (const path of [state, folder]) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Milliseconds from the choice in the palette to the first frame with nodes. */
async function paint(page: Page): Promise<number> {
  await page.locator('.part.editor .tab.active').first().click();
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input.input').fill('>PCIe: Show Topology');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'PCIe: Show Topology' }).first().waitFor();
  const before = Date.now();
  await page.keyboard.press('Enter');
  for (;;) {
    for (const frame of page.frames()) {
      const there = await frame
        .evaluate(() => document.querySelector('main#diagram [data-node]') !== null)
        .catch(() => false);
      if (there) return Date.now() - before;
    }
    if (Date.now() - before > 60_000) throw new Error('no picture');
    await page.waitForTimeout(10);
  }
}

/** Types letters into the name of a drive, slowly enough for the picture to follow each. */
async function type(page: Page, view: Frame | null): Promise<{ readonly screen: number[]; readonly view: number[] }> {
  await page.evaluate(() => {
    const times: { pressed: number; shown: number }[] = [];
    let pressed = 0;
    document.addEventListener(
      'keydown',
      (event) => {
        pressed = event.key === 'a' || event.key === 'Backspace' ? Date.now() : 0;
      },
      true,
    );
    const lines = document.querySelector('.editor-instance .view-lines');
    if (lines === null) throw new Error('there is no editor');
    new MutationObserver(() => {
      if (pressed === 0) return;
      const at = pressed;
      pressed = 0;
      requestAnimationFrame(() => setTimeout(() => times.push({ pressed: at, shown: Date.now() })));
    }).observe(lines, { subtree: true, childList: true, characterData: true });
    Object.assign(document, { typedTimes: times });
  });
  await view?.evaluate(() => {
    const times: { version: number; time: number }[] = [];
    const scene = document.querySelector('.scene');
    if (scene === null) throw new Error('there is no picture');
    // The picture says of which version of the text it is, also where nothing of it looks otherwise.
    new MutationObserver(() => {
      const version = Number(scene.getAttribute('data-version'));
      requestAnimationFrame(() => setTimeout(() => times.push({ version, time: Date.now() })));
    }).observe(scene, { attributes: true, attributeFilter: ['data-version'] });
    Object.assign(document, { drawnTimes: times });
  });
  const shownVersion = async () => Number((await view?.locator('.scene').getAttribute('data-version')) ?? 0);
  const before = await shownVersion();
  // Into the name of the drive of that line.
  await goToLine(page, 8, columnOfName);
  const count = 24;
  for (let key = 0; key < count; key++) {
    await page.keyboard.press(key < count / 2 ? 'a' : 'Backspace');
    await page.waitForTimeout(900);
  }
  const typed = await page.evaluate(() =>
    'typedTimes' in document ? (document.typedTimes as { pressed: number; shown: number }[]) : [],
  );
  const drawn = await view?.evaluate(() =>
    'drawnTimes' in document ? (document.drawnTimes as { version: number; time: number }[]) : [],
  );
  // Each keystroke makes one version of the text.
  const inView = typed.flatMap(({ pressed }, index) => {
    const at = drawn?.find(({ version }) => version >= before + index + 1);
    return at === undefined ? [] : [at.time - pressed];
  });
  say(`${typed.length} keystrokes, ${inView.length} of them seen in the picture`);
  return { screen: typed.map(({ pressed, shown }) => shown - pressed), view: inView };
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
