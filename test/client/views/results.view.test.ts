import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from './chromium.ts';
import type { LiveName } from './live.ts';
import { type RecordName, records } from './recorded.ts';
import { serveResults } from './server.ts';
import type { ThemeName } from './themes.ts';

const shots = fileURLToPath(new URL('../../../test-results/views/', import.meta.url));
/** Evaluated by the debugger's protocol: the policy of the page lets no other script in. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const suite =
  chromiumPath === undefined
    ? 'the results view in a browser (skipped: there is no Chromium)'
    : 'the results view in a browser';

describe.skipIf(chromiumPath === undefined)(suite, () => {
  let browser: Browser;
  let views: Awaited<ReturnType<typeof serveResults>>;
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    views = await serveResults();
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await views.close();
    // Errors of the script and violations of the policy, of all tests.
    expect(complaints).toEqual([]);
  });

  async function open(data: RecordName | LiveName | 'none', theme: ThemeName = 'dark', width = 1200): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 500 } });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('favicon')) complaints.push(message.text());
    });
    await page.goto(`${views.url}?data=${data}&theme=${theme}`);
    await page.waitForSelector('header, .empty');
    return page;
  }
  const said = (page: Page): Promise<unknown[]> => page.evaluate('window.said');
  const tell = (page: Page, message: unknown): Promise<unknown> =>
    page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);
  async function violations(page: Page): Promise<unknown> {
    await page.evaluate(axe);
    const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    };
    return found.violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.slice(0, 3).map((node) => [node.html.slice(0, 200), node.failureSummary]),
    }));
  }

  test('shows a transfer: figures in a table, its bar across its time', async () => {
    const page = await open('single');
    const row = page.locator('.transfers tbody tr').first();
    await expect(row.textContent()).resolves.toMatch(
      /load.*ssd0.*gpu0.*4 GiB.*6\.59 GB\/s.*651 ms.*81\.4 µs.*peer to peer.*ssd0/s,
    );
    const track = await page.locator('.timeline').first().boundingBox();
    const bar = await page.locator('.timeline .bar.base').first().boundingBox();
    expect(Math.abs((bar?.width ?? 0) - (track?.width ?? 0))).toBeLessThan(4);
    await page.close();
  });

  test('shows what the engine makes of a text', async () => {
    const page = await open('live');
    const rows = await page.locator('.transfers tbody tr').allInnerTexts();
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/near.*ssd0.*gpu0.*\d GB\/s.*peer to peer.*ssd0/s);
    expect(rows[1]).toMatch(/far.*gpu1.*gpu0.*\d GB\/s.*through host memory/s);
    expect(await page.locator('.lane').count()).toBe(1);
    expect(await page.locator('.verdict.failed').count()).toBeGreaterThan(0);
    await page.close();
  });

  test('bars stand in the order of their times and within their tracks', async () => {
    const page = await open('scenario');
    const left = async (name: string): Promise<number> => {
      const row = page.locator('.transfers tbody tr', { has: page.getByRole('button', { name, exact: true }) });
      const box = await row.locator('.bar.base').boundingBox();
      const track = await row.locator('.timeline').boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((track?.x ?? 0) + (track?.width ?? 0) + 1);
      return box?.x ?? 0;
    };
    const starts = [await left('shard'), await left('gpu0-gpu2'), await left('staged'), await left('socket-cross')];
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(new Set(starts).size).toBe(4);
    await page.close();
  });

  test('names lead to the text, expectations to their line', async () => {
    const page = await open('scenario');
    await page.getByRole('button', { name: 'cpu0.memory', exact: true }).first().click();
    await page.getByRole('button', { name: 'bandwidth of staged >= 12 GB/s' }).click();
    expect(await said(page)).toEqual([
      { kind: 'ready' },
      { kind: 'reveal', key: 2, name: 'cpu0.memory' },
      { kind: 'revealExpectation', key: 2, variant: 0, run: 0, expectation: 1 },
    ]);
    await page.close();
  });

  test('opens the reasons by keyboard, and keeps the focus', async () => {
    const page = await open('single');
    const why = page.locator('.why').first();
    // A transfer that is alone is open from the beginning.
    expect(await why.getAttribute('aria-expanded')).toBe('true');
    expect(await page.getByText('No port on the way redirects peer requests.').isVisible()).toBe(true);
    await why.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.detail').count()).toBe(0);
    expect(await page.evaluate('document.activeElement.className')).toBe('why');
    await page.keyboard.press('Enter');
    expect(await page.locator('.why').first().getAttribute('aria-expanded')).toBe('true');
    await page.close();
  });

  test('a stale run says so, and can be run again from there', async () => {
    const page = await open('stale');
    expect(await page.getByRole('status').textContent()).toContain('has changed since this run');
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('combobox', { name: 'Run' }).selectOption({ index: 1 });
    expect((await said(page)).slice(1)).toEqual([
      { kind: 'again', key: 2 },
      { kind: 'select', key: 1 },
    ]);
    await page.close();
  });

  test('a run that becomes stale while it is shown is marked', async () => {
    const page = await open('scenario');
    expect(await page.locator('.banner').count()).toBe(0);
    await page.evaluate(
      "window.postMessage({ kind: 'choices', choices: [{ key: 2, label: 'step', stale: true }] }, '*')",
    );
    await page.waitForSelector('.banner');
    await page.close();
  });

  test('a comparison stands side by side, its variants folded', async () => {
    const page = await open('comparison');
    const row = page.locator('tbody tr', { hasText: 'gpu-pair' }).first();
    expect(await row.textContent()).toContain('2.11 ×');
    const [host, p2p] = await row
      .locator('.bar')
      .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
    expect((p2p ?? 0) / (host ?? 1)).toBeCloseTo(2.51 / 1.19, 1);
    expect(await page.locator('.transfers').count()).toBe(0);
    await page.getByRole('button', { name: 'Through host memory' }).click();
    await page.getByRole('button', { name: 'Details of gpu-pair' }).click();
    expect(await page.locator('.transfers').count()).toBe(1);
    await page.close();
  });

  test('several runs are a line each, and open one by one', async () => {
    const page = await open('all');
    const runs = page.getByRole('region', { name: 'Runs' });
    const rows = await runs.locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/load.*651 ms.*6\.59 GB\/s.*peer to peer.*ssd0.*2/s);
    expect(rows[2]).toMatch(/step.*193 ms.*6 transfers.*2 of 3/s);
    const step = page.getByRole('button', { name: 'Details of step' });
    await step.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.transfers > .scroller > table > tbody > tr').count()).toBe(6);
    // What was opened stands below its line, and no wider than the table.
    const line = await runs.locator('tbody > tr', { has: step }).first().boundingBox();
    const article = await page.getByRole('article', { name: 'step' }).boundingBox();
    expect(article?.y ?? 0).toBeGreaterThanOrEqual((line?.y ?? 0) + (line?.height ?? 0));
    expect((article?.x ?? 0) + (article?.width ?? 0)).toBeLessThanOrEqual((line?.x ?? 0) + (line?.width ?? 0) + 1);
    // Both have transfers, and a screen reader can tell them apart.
    await page.getByRole('button', { name: 'Details of load' }).click();
    expect(await page.getByRole('region', { name: /^Transfers .* step$/ }).count()).toBe(1);
    expect(await page.getByRole('region', { name: /^Transfer load$/ }).count()).toBe(1);
    await page.close();
  });

  test('thousands of transfers are shown in part, and at once', async () => {
    const page = await open('many');
    expect(await page.locator('.transfers tbody tr').count()).toBe(20);
    await page.getByRole('button', { name: 'Show all 2000 transfers' }).click();
    expect(await page.locator('.transfers tbody tr').count()).toBe(2000);
    await page.close();
  });

  test('nothing simulated yet: says what to do', async () => {
    const page = await open('none');
    expect(await page.locator('.empty').textContent()).toContain('Simulate this transfer');
    await page.close();
  });

  test('tables have captions and headers, and every control a name', async () => {
    const page = await open('scenario');
    const tables = page.locator('table');
    for (let index = 0; index < (await tables.count()); index++) {
      expect(await tables.nth(index).locator('caption').count()).toBe(1);
      expect(await tables.nth(index).locator('thead th[scope=col]').count()).toBeGreaterThan(2);
      expect(await tables.nth(index).locator('tbody tr').count()).toBe(
        await tables.nth(index).locator('tbody th[scope=row]').count(),
      );
    }
    const nameless = await page
      .locator('button, select')
      .evaluateAll(
        (controls) =>
          controls.filter(
            (control) => (control.textContent?.trim() ?? '') === '' && !control.hasAttribute('aria-label'),
          ).length,
      );
    expect(nameless).toBe(0);
    await page.close();
  });

  test('what limits is named, with its share of the run and what comes next', async () => {
    const page = await open('staged');
    const [first] = await page.locator('.limits tbody tr').allInnerTexts();
    expect(first?.replace(/\s+/g, ' ')).toMatch(
      /^rp0 ?link [\d.]+ % (results|[a-d])(, (results|[a-d])){4} [\d.]+ GB\/s, then ssd0/,
    );
    await page.locator('.limits').getByRole('button', { name: 'rp0' }).click();
    expect(await said(page)).toContainEqual({ kind: 'reveal', key: 2, name: 'cpu0.rp0' });
    await page.close();
  });

  test('what is expected comes first, what failed before the rest, and the bottleneck is the first track', async () => {
    const page = await open('long');
    const parts = await page.locator('article > section > h2').allInnerTexts();
    expect(parts.slice(0, 3).map((title) => title.split(/\s/)[0])).toEqual([
      'Expectations',
      'Bottlenecks',
      'Transfers',
    ]);
    expect(await page.locator('.expectations .verdict').first().getAttribute('class')).toBe('verdict failed');
    const limit = await page.locator('.limits tbody .name').first().textContent();
    expect(await page.locator('.use-section .tracks .name').first().textContent()).toBe(limit);
    await page.close();
  });

  test.each([320, 500, 700, 900, 1600])(
    'fits %i pixels: nothing is cut off, figures stay on one line',
    async (width) => {
      for (const data of ['long', 'acs-off', 'queues'] as const) {
        const page = await open(data, 'light', width);
        expect(await page.evaluate('document.documentElement.scrollWidth'), data).toBeLessThanOrEqual(width);
        const broken = await page.locator('td.number, .figure').evaluateAll((all) =>
          all.flatMap((one) => {
            const { height } = one.getBoundingClientRect();
            const range = document.createRange();
            range.selectNodeContents(one);
            const lines = new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom)));
            return height > 0 && lines.size > 1 ? [one.textContent] : [];
          }),
        );
        expect(broken, `${data} at ${width}`).toEqual([]);
        // At the widths of panels no table is cut.
        if (width >= 700) {
          const cut = await page
            .locator('.scroller')
            .evaluateAll((all) =>
              all.flatMap((one) => (one.scrollWidth > one.clientWidth + 1 ? [one.getAttribute('aria-label')] : [])),
            );
          expect(cut, `${data} at ${width}`).toEqual([]);
        }
        // The table of two results says all that it has without being scrolled.
        if (data === 'acs-off') {
          const table = page.getByRole('group', { name: 'Comparison, table' });
          expect(await table.evaluate((one) => one.scrollWidth - one.clientWidth)).toBeLessThanOrEqual(1);
        }
        await page.close();
      }
    },
  );

  test('each part of a latency stands behind the one before, with its source, and all of them add up', async () => {
    const page = await open('long');
    await page.locator('tr', { hasText: 'staged' }).locator('.why').click();
    const rows = page.locator('.waterfall tbody tr');
    expect(await rows.count()).toBeGreaterThan(8);
    const bars = await rows.locator('.bar').evaluateAll((all) =>
      all.map((bar) => {
        const { left, right } = bar.getBoundingClientRect();
        return { left, right };
      }),
    );
    for (const [index, bar] of bars.entries()) {
      const before = bars[index - 1];
      // A part too short to see is drawn a little longer than it is.
      if (before !== undefined) expect(bar.left).toBeGreaterThanOrEqual(before.left);
    }
    const track = await rows.first().locator('.track').boundingBox();
    expect(Math.max(...bars.map(({ right }) => right))).toBeLessThanOrEqual((track?.x ?? 0) + (track?.width ?? 0) + 1);
    for (const source of await rows.locator('.source').allInnerTexts()) expect(source).not.toBe('');
    expect(await page.locator('.waterfall h3').textContent()).toBe('Until the first byte: 13.7 µs');
    await page.close();
  });

  test('links have a track for each direction, on one axis, as wide as each other', async () => {
    const page = await open('long');
    const plots = await page.locator('.use-section .tracks .plot').evaluateAll((all) =>
      all.map((plot) => {
        const { left, width } = plot.getBoundingClientRect();
        return `${Math.round(left)} ${Math.round(width)}`;
      }),
    );
    expect(plots.length).toBeGreaterThan(12);
    expect(new Set(plots).size).toBe(1);
    const axis = await page.locator('.use-section .track-axis .plot').evaluate((plot) => {
      const { left, width } = plot.getBoundingClientRect();
      return `${Math.round(left)} ${Math.round(width)}`;
    });
    expect(axis).toBe(plots[0]);
    const uplink = page.locator('.track-row', { has: page.getByRole('button', { name: 'rp0', exact: true }) });
    expect(await uplink.locator('.track-lane').count()).toBe(2);
    expect(await uplink.locator('.hidden').first().textContent()).toMatch(
      /^up, towards the root complex: [\d.]+ % busy on average, 100 % at most; [\d.]+ GiB of payload/,
    );
    await page.close();
  });

  test('a cursor tells the figures of one time, by keyboard and by pointer', async () => {
    const page = await open('long');
    const cursor = page.getByRole('slider');
    const row = page.locator('.track-row', { has: page.getByRole('button', { name: 'rp2', exact: true }) });
    const before = await row.locator('.figure').first().textContent();
    await cursor.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    expect(await cursor.getAttribute('aria-valuetext')).toMatch(/ms$/);
    expect(await row.locator('.figure').first().textContent()).toBe('0 %');
    expect(await row.locator('.cursor-line').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await row.locator('.figure').first().textContent()).toBe(before);
    await row.locator('.plot').hover();
    expect(await row.locator('.figure').first().textContent()).toBe('100 %');
    // The heading of the figures says what they are about.
    expect(await page.locator('.use-section .track-axis .figure').first().textContent()).toMatch(/^\d+ ms$/);
    await page.close();
  });

  test('engines and queues are tracks; what was not recorded is not claimed', async () => {
    const page = await open('queues');
    const work = page.locator('.tracks.work .track-row');
    expect(await work.count()).toBe(12);
    // All kinds are in sight, before somebody asks for all tracks.
    expect(await page.locator('.work .track-row', { hasText: 'core' }).count()).toBeGreaterThan(1);
    expect(await page.locator('.work .track-row', { hasText: 'queue' }).count()).toBeGreaterThan(1);
    expect(await work.first().locator('.hidden').textContent()).toMatch(
      /^core 0: \d+ steps, .*of the first [\d.]+ µs alone/,
    );
    await page.getByRole('button', { name: /Show all \d+ tracks/ }).click();
    expect(await page.locator('.work .track-row', { hasText: 'queue 1' }).count()).toBeGreaterThan(0);
    await page.close();
  });

  test('queues of packets are tracks: where they wait, how many on average and at most', async () => {
    const page = await open('packets');
    const queues = page.getByRole('region', { name: /^Queues/ }).locator('li.track-row');
    expect(await queues.count()).toBeGreaterThan(1);
    expect(await queues.first().locator('.hidden').textContent()).toMatch(
      /^\d+(\.\d)? wait for \S+ (up|down)wards on average, \d+ at most$/,
    );
    expect(await queues.first().locator('.chart .area').first().getAttribute('d')).not.toBe('');
    await queues.first().getByRole('button').click();
    expect((await said(page)).at(-1)).toMatchObject({ kind: 'reveal' });
    await page.close();
    const flows = await open('staged');
    expect(await flows.getByRole('region', { name: /^Queues/ }).count()).toBe(0);
    await flows.close();
  });

  test('variants are compared: rates, what is busier, expectations that differ', async () => {
    const page = await open('acs-off');
    expect(await page.getByRole('heading', { name: /As written against ACS off/ }).textContent()).toContain(
      '2 × as fast',
    );
    const busier = page.getByRole('region', { name: 'Busier and idler' }).locator('tbody tr');
    expect(await busier.first().textContent()).toMatch(/rp0 ↑ up100 %0 %/);
    expect(await page.getByRole('region', { name: 'Expectations that differ' }).locator('tbody tr').count()).toBe(1);
    await page.close();
  });

  test('an earlier run stands beside the one that is shown', async () => {
    const page = await open('single');
    const { variants, comparison } = records.comparison;
    const run = { key: 2, file: 'lecture.pcie', record: { ...records.single, variants: variants.slice(0, 1) } };
    const choices = [1, 2].map((key) => ({ key, label: `run ${key}`, stale: false }));
    await tell(page, { kind: 'show', run: { ...run, against: { key: 1, comparison } }, choices });
    await page.getByRole('heading', { name: /Through host memory against peer-to-peer/ }).waitFor();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    const chosen = page.getByRole('combobox', { name: 'Run to compare with' });
    expect(await chosen.inputValue()).toBe('1');
    await chosen.selectOption('');
    expect((await said(page)).at(-1)).toEqual({ kind: 'against', key: 2, other: null });
    await page.close();
  });

  test('comparing and exporting are asked of the extension', async () => {
    const page = await open('single');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByRole('combobox', { name: 'Run to compare with' }).selectOption({ index: 1 });
    await page.getByRole('button', { name: 'With a variant…' }).click();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    for (const name of ['JSON', 'CSV', 'Perfetto']) await page.getByRole('button', { name, exact: true }).click();
    expect((await said(page)).slice(1)).toEqual([
      { kind: 'against', key: 2, other: 1 },
      { kind: 'variant', key: 2 },
      { kind: 'export', key: 2, format: 'json' },
      { kind: 'export', key: 2, format: 'csv' },
      { kind: 'export', key: 2, format: 'perfetto' },
    ]);
    await page.close();
  });

  test('a run under way shows how far it is, and can be ended', async () => {
    const page = await open('single');
    await tell(page, { kind: 'running', runs: [{ title: 'Simulating step', fraction: 0.42 }], cancelled: null });
    const bar = page.getByRole('progressbar', { name: 'Simulating step' });
    await bar.waitFor();
    expect(await bar.evaluate((element) => (element as HTMLProgressElement).value)).toBe(0.42);
    // Progress draws nothing else anew: what somebody looks at stays.
    await page.evaluate("document.querySelector('.transfers').dataset.mark = 'same'");
    await tell(page, { kind: 'running', runs: [{ title: 'Simulating step', fraction: 0.43 }], cancelled: null });
    await page.getByText('43 %').waitFor();
    expect(await page.locator('.transfers').getAttribute('data-mark')).toBe('same');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect((await said(page)).at(-1)).toEqual({ kind: 'cancel' });
    await tell(page, { kind: 'running', runs: [], cancelled: 'Simulating step' });
    await bar.waitFor({ state: 'detached' });
    expect(await page.getByRole('status').textContent()).toBe('Simulating step was cancelled.');
    await tell(page, { kind: 'running', runs: [{ title: 'Simulating step', fraction: null }], cancelled: null });
    await bar.waitFor();
    expect(await page.getByRole('status').count()).toBe(0);
    await page.close();
  });

  test('the first run of all shows how far it is, and its button stays while it goes on', async () => {
    const page = await open('none');
    const running = (fraction: number | null) => ({ title: 'Simulating long', fraction });
    await tell(page, { kind: 'running', runs: [running(null)], cancelled: null });
    const cancel = page.getByRole('button', { name: 'Cancel' });
    await cancel.waitFor();
    await cancel.evaluate((button) => button.setAttribute('data-mark', 'same'));
    await tell(page, { kind: 'running', runs: [running(0.5)], cancelled: null });
    await page.getByText('50 %').waitFor();
    expect(await cancel.getAttribute('data-mark')).toBe('same');
    await page.close();
  });

  test.each(['light', 'dark', 'contrast', 'contrast-light'] as const)(
    'breaks no rule of axe: %s',
    async (theme) => {
      for (const [data, width] of [
        ['long', 1200],
        ['long', 420],
        ['queues', 1200],
        ['packets', 1200],
        ['acs-off', 1200],
        ['stale', 1200],
        ['all', 1200],
        ['none', 1200],
        ['none', 420],
      ] as const) {
        const page = await open(data, theme, width);
        if (data === 'none' && width === 420) {
          const run = { title: 'Simulating step', fraction: 0.4 };
          await tell(page, { kind: 'running', runs: [run], cancelled: null });
          await page.waitForSelector('progress');
          expect(await violations(page), 'the first run').toEqual([]);
          await tell(page, { kind: 'running', runs: [], cancelled: 'Simulating step' });
          await page.waitForSelector('.banner');
        }
        if (data === 'all') for (const one of await page.locator('.overview .why').all()) await one.click();
        if (data === 'long') {
          await page.locator('.why').first().click();
          await page.locator('#compare-opener').click();
          await page.locator('#export-opener').click();
          await tell(page, { kind: 'running', runs: [{ title: 'Simulating step', fraction: null }], cancelled: null });
          await page.waitForSelector('progress');
        }
        expect(await violations(page), `${data} ${width}`).toEqual([]);
        await page.close();
      }
    },
    90_000,
  );

  test.each(['light', 'dark', 'contrast', 'contrast-light'] as const)(
    'fits its width and is kept as a picture: %s',
    async (theme) => {
      for (const [data, width] of [
        ['scenario', 1200],
        ['single', 1200],
        ['comparison', 1200],
        ['all', 1200],
        ['stale', 420],
        ['long', 1200],
        ['long', 420],
        ['staged', 1200],
        ['queues', 1200],
        ['packets', 1200],
        ['packets', 420],
        ['pipeline', 1200],
        ['acs-off', 1200],
        ['through-host', 1200],
      ] as const) {
        const page = await open(data, theme, width);
        if (data === 'long' && width > 1000) await page.locator('tr', { hasText: 'staged' }).locator('.why').click();
        // Tables may scroll by themselves; the page never does, sideways.
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        await page.screenshot({ path: `${shots}results-${data}-${width}-${theme}.png`, fullPage: true });
        await page.close();
      }
    },
    90_000,
  );
});
