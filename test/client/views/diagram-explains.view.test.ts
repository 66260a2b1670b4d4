import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { boxes, DiagramPages, node, rectOf, said, tell, violations } from './diagram-pages.ts';
import { machineTexts } from './machines.ts';

const shots = fileURLToPath(new URL('../../../test-results/views/', import.meta.url));
const suite =
  chromiumPath === undefined
    ? 'what explains the picture of a machine (skipped: there is no Chromium)'
    : 'what explains the picture of a machine';

describe.skipIf(chromiumPath === undefined)(suite, () => {
  let pages: DiagramPages;
  const open: DiagramPages['open'] = (...how) => pages.open(...how);

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    pages = await DiagramPages.start();
  }, 60_000);
  afterAll(async () => {
    await pages.close();
    expect(pages.complaints).toEqual([]);
  });

  test.each([300, 420, 600])(
    'in %i pixels the explanation is docked below the picture, and folds to a line',
    async (width) => {
      const page = await open('ai-server', 'dark', width);
      await node(page, 'cpu0.rp0.sw0.p0.gpu0').click();
      const [stage, side] = [await rectOf(page, '.stage'), await rectOf(page, 'aside')];
      expect(side.y).toBeGreaterThanOrEqual(stage.y + stage.height - 1);
      expect(side.width).toBe(width);
      expect(stage.height).toBeGreaterThan(1.6 * side.height);
      expect(await page.locator('aside').textContent()).toContain('a100-pcie-80gb');
      const chosen = await rectOf(page, '.selected .body');
      expect(chosen.y + chosen.height).toBeLessThan(stage.y + stage.height);
      // Nothing of the controls is cut off.
      const header = await rectOf(page, 'header');
      for (const button of await page.locator('header button').all()) {
        const rect = await button.boundingBox();
        expect((rect?.x ?? 0) + (rect?.width ?? 0)).toBeLessThanOrEqual(header.width);
      }
      await page.getByRole('button', { name: 'gpu0 · GPU' }).press('Enter');
      expect((await rectOf(page, 'aside')).height).toBeLessThan(40);
      expect(await page.locator('.details').isVisible()).toBe(false);
      await node(page, 'cpu0.rp0.sw0.p1.gpu1').click();
      expect((await rectOf(page, 'aside')).height).toBeLessThan(40);
      await page.locator('#fold-side').click();
      expect(await page.locator('.details .full-name').isVisible()).toBe(true);
      // What explains another thing begins at its beginning.
      await page.locator('aside').evaluate((aside) => aside.scrollTo(0, 100));
      await node(page, 'cpu0.rp0.sw0.p0.gpu0').click();
      expect(await page.locator('aside').evaluate((aside) => aside.scrollTop)).toBe(0);
      await page.close();
    },
  );

  test.each([
    [320, 700],
    [500, 700],
    [900, 760],
    [1600, 900],
  ])('in %i by %i pixels all of the picture is to be seen, and choosing moves nothing', async (width, height) => {
    const page = await open('ai-server', 'light', width, height);
    const stage = await rectOf(page, '.stage');
    const before = await boxes(page);
    for (const [name, box] of before) {
      expect(box.x, name).toBeGreaterThanOrEqual(stage.x);
      expect(box.y, name).toBeGreaterThanOrEqual(stage.y);
      expect(box.x + box.width, name).toBeLessThanOrEqual(stage.x + stage.width);
      expect(box.y + box.height, name).toBeLessThanOrEqual(stage.y + stage.height);
    }
    await node(page, 'cpu0.rp1.sw1.p2.nic0').click();
    await page.locator('.details').waitFor();
    expect(await boxes(page)).toEqual(before);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await page.close();
  });

  test.each(['light', 'dark', 'contrast', 'contrast-light'] as const)(
    'a narrow view, its keys and one without a machine break no rule of axe: %s',
    async (theme) => {
      const page = await open('ai-server', theme, 320, 700);
      expect(await violations(page)).toEqual([]);
      await page.locator('#help').click();
      expect(await violations(page)).toEqual([]);
      await page.close();
      const none = await open('none', theme);
      expect(await violations(none)).toEqual([]);
      await none.close();
    },
    180_000,
  );

  test('a bottleneck is marked where it is, told beside the picture, and found by a key', async () => {
    const page = await open('box');
    const ssd = node(page, 'cpu0.rp0.sw.d0.ssd0');
    expect(await ssd.locator('.body').getAttribute('class')).toContain('limit');
    expect(await ssd.locator('.chip.load').textContent()).toBe('◆ 100%');
    expect(await ssd.getByRole('treeitem').getAttribute('aria-label')).toContain('busy 100 %, bottleneck');
    expect(await node(page, 'cpu1').locator('.detail').textContent()).toContain('memory 5% busy');
    expect(await page.locator('.overview .limits').textContent()).toMatch(
      /cpu0\.rp0\.ssd0 device: holds back .* for 100 % of the run/,
    );
    await page.locator('[role=treeitem][tabindex="0"]').focus();
    await page.keyboard.press('b');
    expect(await page.locator('.selected').getAttribute('data-node')).toBe('cpu0.rp0.sw.d0.ssd0');
    await page.getByRole('button', { name: 'Load' }).click();
    expect(await page.locator('.body.limit, .wire.limit, .chip.load').count()).toBe(0);
    await page.close();
    const link = await open('ai-server');
    expect(await link.locator('.wire.limit').getAttribute('data-link')).toBe('cpu0.rp0.sw0.p2');
    expect(await link.locator('.wire.limit').textContent()).toContain('◆ bottleneck');
    await link.close();
  });

  test('the end of a run is heard, and what it made of NVLink is seen as on links', async () => {
    const page = await open('box');
    const heard = page.locator('aside [role=status]');
    expect(await heard.textContent()).toBe('');
    const shown = await pages.views.answers.diagram('box', machineTexts.box);
    const name = shown?.connections.find((each) => each.technology === 'nvlink')?.name ?? '';
    const limits = [{ name: 'NVLink', at: name, kind: 'interconnect', share: 1, holds: ['swap'], holdsCount: 1 }];
    const load = { run: 'swap', stale: false, links: {}, resources: { [name]: 0.97 }, limits };
    await tell(page, { kind: 'diagram', file: 'test.pcie', step: 1, diagram: { ...shown, load } });
    const line = page.locator('.connection.load.full');
    await line.waitFor();
    expect(await line.textContent()).toBe('NVLink x12 97% ◆ bottleneck');
    expect(await heard.textContent()).toBe('Simulated swap: limited by NVLink');
    await node(page, 'cpu0.rp0.sw.g0.gpu0').click();
    expect(await page.locator('.details').textContent()).toMatch(/NVLinkto .*gpu1: 12 links, 300 GB\/s each way/);
    await page.close();
  });

  test('a route over NVLink lights what it goes through, numbered as beside the picture', async () => {
    const page = await open('dgx-a100');
    await node(page, 'cpu0.rp0.sw.gp0.gpu0').click();
    await page.keyboard.press('r');
    await node(page, 'cpu1.rp1.sw.gp1.gpu1').click();
    await page.locator('.hops li').first().waitFor();
    expect(await page.locator('.connection.lit').count()).toBe(2);
    expect(await node(page, 'nvs0').getAttribute('class')).toContain('lit');
    expect(await page.locator('.step text').allTextContents()).toEqual(['1', '2']);
    expect(await page.locator('.hops .name').first().textContent()).toMatch(/gpu0 ↔ nvs0$/);
    // Names that are long take lines of their own, and cover no figure.
    const gaps = await page.locator('.hop').evaluateAll((hops) =>
      hops.map((hop) => {
        const [name, figure] = hop.children;
        if (name === undefined || figure === undefined) return Number.NaN;
        const words = document.createRange();
        words.selectNodeContents(name);
        return figure.getBoundingClientRect().left - words.getBoundingClientRect().right;
      }),
    );
    for (const gap of gaps) expect(gap).toBeGreaterThan(0);
    await page.close();
  });

  test('words of connections do not stand on one another', async () => {
    const socket = (n: number) => `socket cpu${n} {
    root-port rp0 gen4 x16 { gpu gpu${n} : a100-sxm-40gb }
    root-port rp1 gen4 x16 { nic nic${n} : connectx-6 }
  }`;
    const pairs = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].filter((b) => b > a).map((b) => [a, b] as const));
    const links = pairs.map(
      ([a, b]) => `connect gpu${a} to gpu${b} { technology nvlink \n links 4 \n bandwidth 100 GB/s }`,
    );
    const text = `machine mesh { ${[0, 1, 2, 3].map(socket).join('\n')}\n ${links.join('\n')} }`;
    const page = await open('box');
    const diagram = await pages.views.answers.diagram('mesh', text);
    await tell(page, { kind: 'diagram', file: 'test.pcie', step: 1, diagram });
    await node(page, 'cpu3').waitFor();
    const plates = await page.locator('.connection .plate').evaluateAll((all) =>
      all.flatMap((plate) => {
        const { x, y, width, height } = plate.getBoundingClientRect();
        return width > 0 ? [{ x, y, width, height }] : [];
      }),
    );
    expect(plates.length).toBeGreaterThan(2);
    for (const [index, a] of plates.entries()) {
      for (const b of plates.slice(index + 1)) {
        const apart =
          a.x + a.width <= b.x + 1 ||
          b.x + b.width <= a.x + 1 ||
          a.y + a.height <= b.y + 1 ||
          b.y + b.height <= a.y + 1;
        expect(apart, JSON.stringify([a, b])).toBe(true);
      }
    }
    await page.close();
  });

  test('a route by keyboard only: heard, its limit marked, its latency accounted for', async () => {
    const page = await open('ai-server');
    await page.locator('[role=treeitem][tabindex="0"]').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'r']) await page.keyboard.press(key);
    expect(await page.locator('.route').textContent()).toContain('Choose the other end');
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown']) {
      await page.keyboard.press(key);
    }
    await page.keyboard.press('r');
    await page.locator('.hops li').first().waitFor();
    expect(await page.locator('#route-title').textContent()).toMatch(/^gpu0 → gpu2/);
    expect(await page.locator('aside [role=status]').textContent()).toMatch(/^gpu0 → gpu2: .* GB\/s, .* µs, /);
    expect(await page.locator('.hop .limit').count()).toBe(1);
    const path = pages.views.answers.path('ai-server', 'cpu0.rp0.sw0.p0.gpu0', 'cpu0.rp1.sw1.p0.gpu2');
    const figures = await page.locator('.hop > .figure:last-child').allTextContents();
    const sum = figures
      .filter((figure) => figure !== '')
      .reduce((total, figure) => total + Number(/[\d.]+/.exec(figure)?.[0]) * (figure.includes('µs') ? 1000 : 1), 0);
    expect(sum).toBeCloseTo(path.latencySeconds * 1e9, -1);
    await page.close();
  });

  test('what can be changed is reached by the tabulator key and changed by keys', async () => {
    const page = await open('ai-server');
    await node(page, 'cpu0.rp0.sw0.p0').getByRole('treeitem').focus();
    const reach = async (id: string) => {
      for (let step = 0; step < 20; step++) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate('document.activeElement.id')) === id) return;
      }
      throw new Error(`${id} was not reached`);
    };
    await reach('change-lanes');
    await page.keyboard.press('ArrowUp');
    await reach('change-acs');
    await page.keyboard.press('Space');
    const changes = (await said(page)).filter((message) => message.kind === 'change').map(({ action }) => action);
    expect(changes).toMatchObject([
      { kind: 'link', port: 'cpu0.rp0.sw0.p0' },
      { kind: 'acs', port: 'cpu0.rp0.sw0.p0', on: true },
    ]);
    await page.close();
  });

  test('letting go of a device where it cannot be says so', async () => {
    const page = await open('box');
    const { x, y } = await rectOf(page, '[data-node="cpu0.boot.boot0"] .body');
    await page.mouse.move(x + 20, y + 20);
    await page.mouse.down();
    await page.mouse.move(x + 80, y + 60, { steps: 4 });
    expect(await page.locator('.takes').count()).toBeGreaterThan(0);
    await page.mouse.up();
    expect(await page.locator('.status').textContent()).toContain('let go over a free port');
    expect((await said(page)).filter((message) => message.kind === 'change')).toEqual([]);
    await page.close();
  });

  test('keeps the picture as SVG and as PNG', async () => {
    const page = await open('box');
    await node(page, 'cpu0.rp0.sw').click();
    await page.getByRole('button', { name: 'Save the picture as SVG' }).click();
    await page.getByRole('button', { name: 'Save the picture as PNG' }).click();
    await page.waitForFunction('window.said.filter((message) => message.kind === "save").length === 2');
    const saved = (await said(page)).filter((message) => message.kind === 'save');
    const [svg, png] = saved;
    expect(svg?.content).toMatch(/^<svg[^>]* viewBox="-24 -24 \d+ \d+"/);
    expect(svg?.content).toContain('a100-sxm-80gb');
    expect(svg?.content).toContain('<title>Topology of box</title>');
    for (const words of ['Width of a link', '95% and more', 'NVLink']) expect(svg?.content).toContain(words);
    // The colour of what is chosen.
    expect(svg?.content).not.toContain('rgb(0, 120, 212)');
    expect(svg?.content).not.toMatch(/<script|<style|href=|class="body|var\(/);
    const bytes = Buffer.from(png?.content ?? '', 'base64');
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(2000);
    writeFileSync(`${shots}diagram-export.png`, bytes);
    writeFileSync(`${shots}diagram-export.svg`, svg?.content ?? '');
    await page.close();
  });

  test('a thousand devices are all there, and follow the pointer', async () => {
    const page = await open('many');
    expect(await page.locator('[data-node]').count()).toBe(136);
    expect(await page.locator('.status').textContent()).toContain('folded');
    await page.screenshot({ path: `${shots}diagram-many-folded.png` });
    await page.getByRole('button', { name: 'Unfold everything' }).click();
    await page.screenshot({ path: `${shots}diagram-many.png` });
    expect(await page.locator('[data-node]').count()).toBe(2184);
    await page.mouse.move(700, 450);
    for (let step = 0; step < 10; step++) await page.mouse.wheel(30, 30);
    await page.keyboard.down('Control');
    for (let step = 0; step < 10; step++) await page.mouse.wheel(0, -60);
    await page.keyboard.up('Control');
    // The picture is drawn anew when the movement rests.
    await page.waitForFunction(
      'Number(/scale.([0-9.]+)/.exec(document.querySelector(".scene").getAttribute("transform"))[1]) > 1',
    );
    await page.close();
  });

  test('says so where there is no machine, and where the text has errors', async () => {
    const none = await open('none');
    expect(await none.locator('.status').textContent()).toContain('no machine');
    expect(await none.locator('aside').textContent()).toContain('machine mine {');
    expect(await none.locator('header button, header input:visible').count()).toBe(0);
    await none.close();
    const broken = await open('mistakes');
    expect(await broken.locator('.status').textContent()).toMatch(/The text has \d+ errors/);
    await broken.close();
  });

  test.each(['light', 'dark', 'contrast', 'contrast-light'] as const)(
    'is kept as a picture: %s',
    async (theme) => {
      for (const data of ['ai-server', 'dgx-a100', 'box', 'workstation', 'mistakes'] as const) {
        const page = await open(data, theme);
        await page.screenshot({ path: `${shots}diagram-${data}-${theme}.png` });
        for (const name of ['ACS', 'IOMMU groups', 'NUMA']) await page.getByRole('button', { name }).click();
        await page.screenshot({ path: `${shots}diagram-${data}-${theme}-overlays.png` });
        await page.close();
      }
    },
    180_000,
  );
});
