import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FromView } from '../../../client/views/machine-view/messages.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import type { ViewData } from './machines.ts';
import { serveMachineView } from './server.ts';
import type { ThemeName } from './themes.ts';

const shots = fileURLToPath(new URL('../../../test-results/views/', import.meta.url));
/** Evaluated by the debugger's protocol: the policy of the page lets no other script in. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const skipped = chromiumPath === undefined ? ' (skipped: there is no Chromium)' : '';
const themeNames = ['light', 'dark', 'contrast', 'contrast-light'] as const;

let browser: Browser;
type Views = Awaited<ReturnType<typeof serveMachineView>>;
const views = new Map<string, Views>();
const complaints: string[] = [];

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  mkdirSync(shots, { recursive: true });
  for (const bundle of ['matrix', 'address-map'] as const) views.set(bundle, await serveMachineView(bundle));
  browser = await launchChromium();
}, 60_000);
afterAll(async () => {
  if (chromiumPath === undefined) return;
  await browser.close();
  for (const each of views.values()) await each.close();
  // Errors of the script and violations of the policy, of all tests.
  expect(complaints).toEqual([]);
});

async function open(
  bundle: 'matrix' | 'address-map',
  data: ViewData | 'none',
  theme: ThemeName = 'dark',
  width = 1400,
): Promise<Page> {
  const served = views.get(bundle);
  if (served === undefined) throw new Error('the views are served');
  const page = await browser.newPage({ viewport: { width, height: 850 } });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('favicon')) complaints.push(message.text());
  });
  await page.exposeFunction('answerPath', (from: string, to: string) => served.answers.path(data, from, to));
  await page.goto(`${served.url}?data=${data}&theme=${theme}`);
  await page.waitForSelector('[role="grid"], [role="tree"], .banner.gone');
  return page;
}
const said = (page: Page): Promise<FromView[]> => page.evaluate('window.said');
const tell = (page: Page, message: unknown): Promise<unknown> =>
  page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);

async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  };
  return found.violations.map((violation) => [
    violation.id,
    violation.nodes.slice(0, 3).map((each) => `${each.html}: ${each.failureSummary ?? ''}`),
  ]);
}

describe.skipIf(chromiumPath === undefined)(`states that are not the rule${skipped}`, () => {
  test.each(themeNames)(
    'break no rule of axe either: nothing there, gone, refused, a question that is open: %s',
    async (theme) => {
      for (const bundle of ['matrix', 'address-map'] as const) {
        const empty = await open(bundle, 'none', theme);
        expect(await violations(empty), `${bundle}: nothing`).toEqual([]);
        await empty.screenshot({ path: `${shots}${bundle}-none-${theme}.png` });
        await empty.close();

        const page = await open(bundle, 'ai-server', theme);
        await tell(page, { kind: 'message', text: 'There is nothing called gpu9 in ai-server.', failed: true });
        await page.getByText('nothing called gpu9').waitFor();
        expect(await violations(page), `${bundle}: refused`).toEqual([]);
        await tell(page, { kind: 'gone', message: 'There is no machine in /work/ai-server.pcie.' });
        await page.getByText('There is no machine in').waitFor();
        expect(await violations(page), `${bundle}: gone`).toEqual([]);
        await page.screenshot({ path: `${shots}${bundle}-gone-${theme}.png` });
        await page.close();
      }
      const asking = await open('matrix', 'ai-server', theme);
      await asking.evaluate('window.answerPath = () => new Promise(() => {})');
      await asking.locator('#cell-0-3').click();
      expect(await violations(asking), 'a question that is open').toEqual([]);
      await asking.close();
    },
    90_000,
  );
});

describe.skipIf(chromiumPath === undefined)(`the peer matrix in a browser${skipped}`, () => {
  const cell = (page: Page, row: number, column: number) => page.locator(`#cell-${row}-${column}`);
  const active = (page: Page): Promise<string> => page.evaluate('document.activeElement.id');

  test('has a row and a column for each device, with its class and its rate', async () => {
    const page = await open('matrix', 'ai-server');
    const matrix = views.get('matrix')?.answers.matrix('ai-server');
    const classes = await page
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('td')].map((each) => each.querySelector('.main')?.textContent)),
      );
    expect(classes).toEqual(matrix?.class);
    await expect(cell(page, 0, 1).textContent()).resolves.toMatch(/PIX.*26 GB\/s/);
    expect(await page.locator('thead th').allTextContents()).toEqual(await page.locator('tbody th').allTextContents());
    await page.close();
  });

  test('says the way in each cell where there is room, marks host memory where there is none, and says all when pointed at', async () => {
    const page = await open('matrix', 'ai-server');
    const matrix = views.get('matrix')?.answers.matrix('ai-server');
    const reasons = await page
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) =>
          [...row.querySelectorAll('td')].map((each) => each.querySelector('.reason')?.textContent ?? ''),
        ),
      );
    const words = { direct: 'direct', 'host-bridge': 'host bridge', 'host-memory': 'host memory', none: '' };
    const routes = matrix?.route.map((row, from) => row.map((route, to) => (from === to ? '' : words[route])));
    expect(reasons).toEqual(routes);
    expect(await cell(page, 0, 3).getAttribute('title')).toBe(
      'gpu0 → gpu2\nPHB: through a host bridge\nthrough the host bridge',
    );
    await page.close();
    const dense = await open('matrix', 'dgx-a100');
    expect(await dense.locator('.reason').count()).toBe(0);
    const staged = views
      .get('matrix')
      ?.answers.matrix('dgx-a100')
      .route.flatMap((row, from) => row.filter((route, to) => from !== to && route === 'host-memory'));
    expect(await dense.locator('td.staged').count()).toBe(staged?.length);
    expect(
      await dense
        .locator('td.staged')
        .first()
        .evaluate((one) => getComputedStyle(one).backgroundImage),
    ).toMatch(/gradient/);
    await dense.close();
  });

  test('shows bandwidth, latency or the mapping instead', async () => {
    const page = await open('matrix', 'ai-server');
    for (const [name, words] of [
      ['Bandwidth', /^26 GB\/s/],
      ['Latency', /ns|µs/],
      ['P2P mapping', /^bus address|^host bridge/],
    ] as const) {
      await page.getByRole('button', { name, exact: true }).click();
      expect(await page.getByRole('button', { name, exact: true }).getAttribute('aria-pressed')).toBe('true');
      expect(await cell(page, 0, 1).textContent()).toMatch(words);
    }
    await page.close();
  });

  test('says why, by pointer and by keys, and keeps a pair that was clicked', async () => {
    const page = await open('matrix', 'ai-server');
    await cell(page, 0, 3).hover();
    await page.getByText('Why', { exact: true }).waitFor();
    expect(await page.locator('#details').textContent()).toMatch(/gpu0 → gpu2.*PHB.*Limited by.*Hops/s);
    await cell(page, 0, 1).click();
    await cell(page, 3, 0).hover();
    expect(await page.locator('#details h2').textContent()).toBe('gpu0 → gpu1');
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#details h2').textContent()).toBe('ssd0 → gpu1');
    await page.locator('#details h2 button').first().click();
    expect(await said(page)).toContainEqual({ kind: 'reveal', name: 'cpu0.rp0.sw0.p2.ssd0' });
    await page.close();
  });

  test('is one stop of the tabulator; arrows, Home and End move in it, Enter on a name shows the text', async () => {
    const page = await open('matrix', 'ai-server');
    expect(await page.locator('#grid [tabindex="0"]').count()).toBe(1);
    await cell(page, 0, 0).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    expect(await active(page)).toBe('cell-1-1');
    await page.keyboard.press('Control+End');
    expect(await active(page)).toBe('cell-6-6');
    await page.keyboard.press('ArrowRight');
    expect(await active(page)).toBe('cell-6-6');
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('ArrowLeft');
    expect(await active(page)).toBe('cell-0--1');
    await page.keyboard.press('ArrowUp');
    expect(await active(page)).toBe('cell-0--1');
    await page.keyboard.press('Enter');
    expect(await said(page)).toContainEqual({ kind: 'reveal', name: 'cpu0.rp0.sw0.p0.gpu0' });
    expect(await page.locator('#grid [tabindex="0"]').count()).toBe(1);
    await page.close();
  });

  test('finds devices by name, and copies what is shown', async () => {
    const page = await open('matrix', 'dgx-a100');
    await page.getByRole('searchbox').fill('cpu0 gpu');
    expect(await page.locator('tbody tr').count()).toBe(4);
    await page.getByRole('button', { name: 'Copy as CSV' }).click();
    const copy = (await said(page)).find(({ kind }) => kind === 'copy');
    const lines = copy?.kind === 'copy' ? copy.text.trimEnd().split('\r\n') : [];
    expect(lines).toHaveLength(5);
    expect(lines[1]).toMatch(/^cpu0\.rp0\.sw\.gp0\.gpu0,X,NV12,NV12,NV12$/);
    await page.close();
  });

  test('follows an edit, keeps the pair and the focus; another machine is asked for', async () => {
    const page = await open('matrix', 'ai-server');
    await cell(page, 0, 1).click();
    const data = views.get('matrix')?.answers.matrix('ai-server');
    const fewer = { ...data, devices: data?.devices.map((name) => name.replace('gpu1', 'renamed')) };
    await tell(page, { kind: 'show', file: 'f', uri: 'u', machine: 'm', machines: ['m', 'other'], data: fewer });
    await page.getByText('renamed').first().waitFor();
    expect(await active(page)).toBe('cell-0-1');
    await page.getByRole('combobox', { name: 'Machine' }).selectOption('other');
    expect(await said(page)).toContainEqual({ kind: 'machine', name: 'other' });
    await tell(page, { kind: 'gone', message: 'The text has no machine now.' });
    await page.locator('.banner.gone').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(7);
    await page.close();
  });

  test.each(themeNames)(
    'breaks no rule of axe, and is kept as a picture: %s',
    async (theme) => {
      const page = await open('matrix', 'ai-server', theme);
      await cell(page, 0, 3).click();
      await page.getByText('Why', { exact: true }).waitFor();
      for (const name of ['Class', 'Bandwidth', 'P2P mapping']) {
        await page.getByRole('button', { name, exact: true }).click();
        expect(await violations(page), name).toEqual([]);
        await page.screenshot({
          path: `${shots}matrix-ai-server-${name.toLowerCase().replace(' ', '-')}-${theme}.png`,
        });
      }
      await page.close();
      for (const data of ['dgx-a100', 'box'] as const) {
        const large = await open('matrix', data, theme);
        await cell(large, 0, 3).click();
        await large.getByText('Why', { exact: true }).waitFor();
        await large.screenshot({ path: `${shots}matrix-${data}-${theme}.png` });
        await large.close();
      }
    },
    120_000,
  );

  test('fits a narrow panel: the page never scrolls sideways', async () => {
    const page = await open('matrix', 'box', 'dark', 520);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(520);
    await page.screenshot({ path: `${shots}matrix-box-narrow-dark.png` });
    await page.close();
  });
});

describe.skipIf(chromiumPath === undefined)(`the address map in a browser${skipped}`, () => {
  interface Placed {
    readonly id: string;
    readonly parent: string | null;
    readonly kind: string;
    readonly rect: { readonly x: number; readonly y: number; readonly right: number; readonly bottom: number };
  }
  const boxes = (page: Page): Promise<readonly Placed[]> =>
    page.locator('[data-id]').evaluateAll((all) =>
      all.map((each) => {
        const { x, y, right, bottom } = each.getBoundingClientRect();
        return {
          id: each.getAttribute('data-id') ?? '',
          parent: each.getAttribute('data-parent'),
          kind: each.className.split(' ')[1] ?? '',
          rect: { x, y, right, bottom },
        };
      }),
    );

  describe.each(['ai-server', 'dgx-a100', 'workstation', 'box', 'cramped'] as const)('%s', (data) => {
    test.each(['Readable', 'To scale'])('boxes lie in their windows and beside each other: %s', async (scale) => {
      const page = await open('address-map', data);
      await page.getByRole('button', { name: scale }).click();
      const all = await boxes(page);
      const byId = new Map(all.map((each) => [each.id, each]));
      expect(byId.size).toBe(all.length);
      for (const { id, parent, rect } of all) {
        if (parent === null) continue;
        const outer = byId.get(parent)?.rect;
        if (outer === undefined) throw new Error(`${id} lies in nothing`);
        expect(rect.x, id).toBeGreaterThanOrEqual(outer.x - 0.6);
        expect(rect.right, id).toBeLessThanOrEqual(outer.right + 0.6);
        expect(rect.y, id).toBeGreaterThanOrEqual(outer.y);
        expect(rect.bottom, id).toBeLessThanOrEqual(outer.bottom);
        for (const beside of all) {
          if (beside.id === id || beside.parent !== parent) continue;
          expect(rect.right <= beside.rect.x + 0.6 || beside.rect.right <= rect.x + 0.6, `${id} ${beside.id}`).toBe(
            true,
          );
        }
      }
      await page.close();
    });
  });

  test('every BAR with an address is there, and every one without is listed with its reason', async () => {
    const page = await open('address-map', 'cramped');
    const map = views.get('address-map')?.answers.enumerate('cramped');
    const placed =
      map?.devices.flatMap((device) => [...device.bars, ...device.virtualBars].filter((bar) => bar.address !== null)) ??
      [];
    expect((await boxes(page)).filter(({ kind }) => kind === 'bar')).toHaveLength(placed.length);
    expect(map?.unassigned.length).toBeGreaterThan(0);
    const rows = await page.locator('.findings tbody tr').allTextContents();
    expect(rows).toHaveLength(map?.unassigned.length ?? 0);
    for (const [index, bar] of (map?.unassigned ?? []).entries()) expect(rows[index]).toContain(bar.reason);
    await page.close();
  });

  test('a label that is too long loses its beginning, never its end', async () => {
    const page = await open('address-map', 'cramped', 'light', 360);
    const labels = await page.locator('.box').evaluateAll((boxes) =>
      boxes.flatMap((box) => {
        const label = box.querySelector('.label');
        const text = [...(label?.children ?? [])].find((one) => one.getClientRects().length > 0);
        if (!label || !text || getComputedStyle(label).visibility === 'hidden') return [];
        return [
          { name: text.textContent, beyond: text.getBoundingClientRect().right - box.getBoundingClientRect().right },
        ];
      }),
    );
    expect(labels.length).toBeGreaterThan(6);
    for (const { name, beyond } of labels) expect(beyond, name ?? '').toBeLessThanOrEqual(1);
    await page.close();
  });

  test('a window is enlarged by a click, a BAR leads to the text, Escape leads out', async () => {
    const page = await open('address-map', 'ai-server');
    const before = (await boxes(page)).length;
    const window = page.getByRole('treeitem', { name: /^rp0, prefetchable window/ });
    await window.click({ position: { x: 4, y: 4 } });
    expect((await boxes(page))[0]?.parent).toBeNull();
    const inner = await boxes(page);
    expect(inner.length).toBeLessThan(before);
    expect(await page.getByRole('navigation', { name: 'Enlarged' }).textContent()).toContain('rp0');
    await page.getByRole('treeitem', { name: /^gpu0, BAR 1/ }).click();
    expect(await said(page)).toContainEqual({ kind: 'reveal', name: 'cpu0.rp0.sw0.p0.gpu0' });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect((await boxes(page)).length).toBe(before);
    await page.close();
  });

  test('keys lead inside, beside and out, with the details of each', async () => {
    const page = await open('address-map', 'ai-server');
    const focused = (): Promise<string> => page.evaluate('document.activeElement.getAttribute("aria-label")');
    await page.getByRole('treeitem').first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toMatch(/^rp1, memory window/);
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toMatch(/^rp0, memory window/);
    for (let level = 0; level < 3; level++) await page.keyboard.press('ArrowDown');
    expect(await focused()).toMatch(/^gpu0, BAR 0, 16 MiB at 0x42000000/);
    expect(await page.locator('#details').textContent()).toMatch(/gpu0, BAR 0.*0000:03:00\.0.*0x42000000.*16 MiB/s);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    expect(await focused()).toMatch(/^rp0\.p0, memory window/);
    expect(await page.locator('.strip').count()).toBe(1);
    for (const strip of await page.locator('.strip').all()) {
      expect(await strip.locator('[tabindex="0"]').count()).toBe(1);
    }
    await page.close();
  });

  test.each(themeNames)(
    'breaks no rule of axe, and is kept as a picture: %s',
    async (theme) => {
      for (const data of ['ai-server', 'dgx-a100', 'box', 'cramped'] as const) {
        const page = await open('address-map', data, theme);
        await page
          .getByRole('treeitem')
          .nth(3)
          .hover({ position: { x: 4, y: 4 } });
        expect(await violations(page), data).toEqual([]);
        await page.screenshot({ path: `${shots}address-map-${data}-${theme}.png` });
        await page.getByRole('button', { name: 'To scale' }).click();
        await page.screenshot({ path: `${shots}address-map-${data}-linear-${theme}.png` });
        await page.close();
      }
    },
    90_000,
  );
});
