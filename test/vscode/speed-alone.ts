// The topology view by itself in Chromium, and its layout alone: how long a thousand devices take.
import type { Page } from 'playwright-core';
import { milliseconds } from '../../bench/statistics.ts';
import { type Layout, Layouts } from '../../client/views/diagram/layout/layout.ts';
import { treeOf } from '../../client/views/diagram/layout/tree.ts';
import type { Diagram } from '../../server/diagram/diagram.types.ts';
import { updateBetween } from '../../server/diagram/update.ts';
import { launchChromium } from '../client/views/chromium.ts';
import { serveDiagram } from '../client/views/server.ts';

const ms = (values: readonly number[]): string => milliseconds(values.map((value) => value / 1000));

type Views = Awaited<ReturnType<typeof serveDiagram>>;

/** Measures the view and its layout on a text of one machine, and prints what came out. */
export async function measureAlone(text: string): Promise<void> {
  const views = await serveDiagram();
  try {
    await measureLayout(views, text);
    await measureView(views, text);
  } finally {
    await views.close();
  }
}

async function pictureOf(views: Views, text: string): Promise<Diagram> {
  const diagram = await views.answers.diagram('many', text);
  if (diagram === null) throw new Error('there is no picture');
  return diagram;
}

/** How long it takes to find where everything stands: all of it, after a letter of a name, and after one device more. */
async function measureLayout(views: Views, text: string): Promise<void> {
  const named = text.replace('nvme ssd7', 'nvme boot');
  const oneMore = text.replace('nvme ssd7 : pm9a3 }', 'nvme ssd7 : pm9a3 }\n        port free gen4 x4');
  const pictures = { text: await pictureOf(views, text), named: await pictureOf(views, named) };
  const larger = await pictureOf(views, oneMore);
  console.log('| 1,024 drives: layout | from nothing p50 / p95 | a name that is typed | one port more |');
  console.log('|---|--:|--:|--:|');
  const rounds = 24;
  for (const unfolded of [false, true]) {
    const switches = pictures.text.nodes.filter(({ kind }) => kind === 'switch').map(({ name }) => name);
    const collapsed = new Set(unfolded ? [] : switches);
    const took = { nothing: [] as number[], name: [] as number[], port: [] as number[] };
    const timed = (layouts: Layouts, into: number[], diagram: Diagram, before: Layout | null): Layout => {
      const tree = treeOf(diagram);
      const start = performance.now();
      const layout = layouts.of(tree, collapsed, before);
      into.push(performance.now() - start);
      return layout;
    };
    for (let round = 0; round < rounds; round++) {
      // One that was never asked before: they keep what they placed.
      const layouts = await Layouts.load();
      const first = timed(layouts, took.nothing, pictures.text, null);
      timed(layouts, took.name, pictures.named, first);
      timed(layouts, took.port, larger, first);
    }
    const what = unfolded ? 'everything unfolded' : 'switches folded';
    console.log(`| ${what} | ${ms(took.nothing)} ms | ${ms(took.name)} ms | ${ms(took.port)} ms |`);
  }
  console.log('');
}

/** How long a picture and a change of it take from their message to the frame, and how long frames take while one moves. */
async function measureView(views: Views, text: string): Promise<void> {
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1200, height: 850 } });
  await page.goto(`${views.url}?data=many&theme=dark`);
  await page.waitForSelector('[data-node]');
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
