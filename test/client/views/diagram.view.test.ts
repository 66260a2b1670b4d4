import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { updateBetween } from '../../../server/diagram/update.ts';
import { chromiumPath } from './chromium.ts';
import { boxes, DiagramPages, node, type Rect, said, tell, violations } from './diagram-pages.ts';
import { machineTexts } from './machines.ts';

const shots = fileURLToPath(new URL('../../../test-results/views/', import.meta.url));
const suite =
  chromiumPath === undefined
    ? 'the picture of a machine in a browser (skipped: there is no Chromium)'
    : 'the picture of a machine in a browser';

describe.skipIf(chromiumPath === undefined)(suite, () => {
  let pages: DiagramPages;
  let views: DiagramPages['views'];
  const open: DiagramPages['open'] = (...how) => pages.open(...how);

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    pages = await DiagramPages.start();
    views = pages.views;
  }, 60_000);
  afterAll(async () => {
    await pages.close();
    expect(pages.complaints).toEqual([]);
  });

  const parentOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('.')));

  describe.each(['ai-server', 'dgx-a100', 'workstation', 'mistakes', 'box'] as const)('%s', (data) => {
    test('siblings do not overlap, children stand below their parents, links are straight', async () => {
      const page = await open(data);
      const all = await boxes(page);
      const bySiblings = new Map<string, Rect[]>();
      for (const [name, box] of all) {
        const parent = all.get(parentOf(name));
        if (parent !== undefined) {
          expect(box.y, name).toBeGreaterThan(parent.y);
        }
        const siblings = bySiblings.get(parentOf(name)) ?? [];
        for (const other of siblings) {
          const apart =
            box.x + box.width <= other.x + 0.5 ||
            other.x + other.width <= box.x + 0.5 ||
            box.y + box.height <= other.y + 0.5 ||
            other.y + other.height <= box.y + 0.5;
          expect(apart, name).toBe(true);
        }
        bySiblings.set(parentOf(name), [...siblings, box]);
      }
      const slanted = await page
        .locator('.wires .line')
        .evaluateAll((lines) => lines.filter((line) => line.getAttribute('x1') !== line.getAttribute('x2')).length);
      expect(slanted).toBe(0);
      await page.close();
    });

    test('breaks no rule of axe', async () => {
      for (const theme of ['light', 'dark', 'contrast', 'contrast-light'] as const) {
        const page = await open(data, theme);
        await page.locator('[data-node]').nth(3).click();
        expect(await violations(page), theme).toEqual([]);
        await page.close();
      }
    }, 180_000);
  });

  test('several sockets fill the canvas: their insides are arranged for those beside them', async () => {
    const page = await open('dgx-a100');
    const frames = await Promise.all(['cpu0', 'cpu1'].map((name) => node(page, name).locator('.body').boundingBox()));
    const height = Math.max(...frames.map((frame) => (frame?.y ?? 0) + (frame?.height ?? 0)));
    expect(height).toBeGreaterThan(0.6 * 850);
    await page.close();
  });

  test('a wire is as thick as its link is fast, and says what it runs at', async () => {
    const page = await open('box');
    const width = (link: string) =>
      page
        .locator(`.wire[data-link="${link}"] .line`)
        .first()
        .evaluate((line) => Number(line.getAttribute('stroke-width')));
    const [gen5, gen4, narrow, slow] = [
      await width('cpu0.rp0'),
      await width('cpu0.rp0.sw.g0'),
      await width('cpu0.rp0.sw.d0'),
      await width('cpu0.boot'),
    ];
    expect(gen5).toBeGreaterThan(gen4);
    expect(gen4).toBeGreaterThan(narrow);
    expect(narrow).toBeGreaterThan(slow);
    const lower = page.locator('.wires .lower');
    expect(await lower.count()).toBe(1);
    expect(await lower.textContent()).toBe('Gen4 x8▼ of Gen4 x16');
    await page.close();
  });

  test('colours links by the load of the last run, with the figures beside', async () => {
    const page = await open('box');
    const wire = page.locator('.wire[data-link="cpu0.rp0.sw.d0"]');
    expect(await wire.getAttribute('class')).toContain('full');
    expect(await wire.textContent()).toContain('↓2% ↑98%');
    await page.getByRole('button', { name: 'Load' }).click();
    expect(await wire.getAttribute('class')).not.toContain('load');
    await page.close();
  });

  test('overlays say in words what they say in colour, and move nothing', async () => {
    const page = await open('box');
    const before = await boxes(page);
    for (const name of ['ACS', 'IOMMU groups', 'NUMA']) await page.getByRole('button', { name }).click();
    expect(await boxes(page)).toEqual(before);
    expect(await node(page, 'cpu0.rp0.sw.g0.gpu0').locator('.chip').allTextContents()).toEqual([
      'N0',
      expect.stringMatching(/^g\d+$/),
    ]);
    expect(await node(page, 'cpu0.rp0').getByRole('treeitem').getAttribute('aria-label')).toMatch(
      /root port rp0, .*Gen5 x16.*ACS .*RR.*redirects peers, IOMMU group \d+, NUMA node 0/,
    );
    expect(await node(page, 'cpu0.rp0.sw.g0').getByRole('treeitem').getAttribute('aria-label')).toContain('ACS off');
    await page.close();
  });

  test('marks findings where they stand, tells them, and leads to their line', async () => {
    const page = await open('mistakes');
    const near = async (mark: Rect | null, thing: Rect | null) =>
      mark !== null &&
      thing !== null &&
      Math.abs(mark.x - thing.x) < thing.width + 30 &&
      Math.abs(mark.y - thing.y) < thing.height + 30;
    // The link that its port holds down, beside its words; the socket with too many lanes, at its name.
    const link = page.locator('.badge.information').first();
    expect(await near(await link.boundingBox(), await page.locator('.wire[data-link="cpu0.rp3"]').boundingBox())).toBe(
      true,
    );
    expect(await page.locator('.badge.error', { hasText: /^× \d+$/ }).count()).toBeGreaterThan(0);
    await link.hover();
    await page.locator('.tooltip .findings li').first().waitFor();
    expect(await page.locator('.tooltip').textContent()).toMatch(/can do Gen4 x16.*link\/limited-by-end/);
    await link.click();
    expect((await said(page)).at(-1)).toEqual({ kind: 'place', line: 23, character: 18 });
    expect(await page.locator('.details .findings').textContent()).toContain('line 24');
    // The same without a pointer: in the name of the node, by a key to the next, by a button to the line.
    expect(await node(page, 'cpu0.rp3').getByRole('treeitem').getAttribute('aria-label')).toContain('1 note');
    await node(page, 'cpu0.rp3').getByRole('treeitem').focus();
    await page.keyboard.press('f');
    await page.locator('#finding-0').click();
    expect((await said(page)).at(-1)).toMatchObject({ kind: 'place' });
    expect((await said(page)).at(-1)).not.toMatchObject({ line: 23 });
    // What has no place in the picture stands above it.
    await page.locator('#machine-findings').click();
    expect((await said(page)).at(-1)).toEqual({ kind: 'place', line: 5, character: 8 });
    await page.getByRole('button', { name: /Findings \d+/ }).click();
    expect(await page.locator('.badge').count()).toBe(0);
    await page.close();
  });

  test('marks how another machine differs, at the nearest thing that both have', async () => {
    const page = await open('ai-server');
    expect(await page.getByRole('button', { name: /Differences/ }).count()).toBe(0);
    const changes = [
      { subject: 'cpu0.rp0.sw0.p2.ssd0', words: 'ssd0: link width 4, now 2' },
      { subject: 'cpu0.rp1.sw1.p9.late', words: 'late is new' },
      { subject: 'ai-server', words: 'iommu passthrough, now off' },
    ];
    await tell(page, { kind: 'differences', differences: { other: 'lspci.txt', changes } });
    await page.locator('.badge.differs').first().waitFor();
    expect(await page.locator('.badge.differs').count()).toBe(2);
    expect(await page.locator('.overview').textContent()).toContain('iommu passthrough, now off');
    await page.locator('.badge.differs').first().hover();
    await page.locator('.tooltip .findings li').first().waitFor();
    expect(await page.locator('.tooltip').textContent()).toContain('now 2');
    await node(page, 'cpu0.rp1.sw1').click();
    expect(await page.locator('.details').textContent()).toContain('Different in lspci.txt≠late is new');
    const toggle = page.getByRole('button', { name: /Differences 3/ });
    expect(await toggle.getAttribute('title')).toContain('iommu passthrough, now off');
    await toggle.click();
    expect(await page.locator('.badge.differs').count()).toBe(0);
    await page.close();
  });

  test('keeps the findings until the new text is checked', async () => {
    const page = await open('ai-server');
    const count = await page.locator('.badge').count();
    expect(count).toBeGreaterThan(0);
    const unchecked = { ...(await views.answers.diagram('ai-server', machineTexts['ai-server'])), findings: null };
    await tell(page, { kind: 'diagram', file: 'test.pcie', step: 1, diagram: unchecked });
    expect(await page.locator('.badge').count()).toBe(count);
    await tell(page, { kind: 'diagram', file: 'test.pcie', step: 1, diagram: { ...unchecked, findings: [] } });
    await page.waitForFunction('document.querySelectorAll(".badge").length === 0');
    await page.close();
  });

  test('draws what an update tells and leaves the rest alone; a step that is missing is asked for', async () => {
    const page = await open('ai-server');
    const before = await views.answers.diagram('ai-server', machineTexts['ai-server']);
    const now = await views.answers.diagram('ai-server', machineTexts['ai-server'].replace('gpu gpu1', 'gpu later'));
    if (before === null || now === null) throw new Error('there is a machine');
    const update = updateBetween(before, { ...now, load: before.load });
    await page.evaluate(() => {
      const touched: string[] = [];
      new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) {
          for (const added of addedNodes)
            if (added instanceof Element) touched.push(added.getAttribute('data-node') ?? '');
          if (target instanceof Element && target.closest('[data-node]') !== null)
            touched.push(target.closest('[data-node]')?.getAttribute('data-node') ?? '');
        }
      }).observe(document.querySelector('.nodes') ?? document.body, {
        subtree: true,
        childList: true,
        attributes: true,
      });
      Object.assign(document, { touched });
    });
    await tell(page, { kind: 'update', step: 1, update });
    await page.locator('[data-node$=".later"]').waitFor();
    const touched = new Set((await page.evaluate('document.touched')) as string[]);
    expect(
      [...touched].every((name) => /gpu1|later/.test(name)),
      [...touched].join(' '),
    ).toBe(true);
    await page.evaluate('window.said.length = 0');
    await tell(page, { kind: 'update', step: 3, update });
    await page.waitForFunction('window.said.some((message) => message.kind === "ready")');
    await page.close();
  });

  test('goes through the tree by keyboard, and tells the text', async () => {
    const page = await open('ai-server');
    await page.locator('[role=treeitem][tabindex="0"]').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowDown']) {
      await page.keyboard.press(key);
    }
    const focused = 'document.activeElement.parentElement.getAttribute("data-node")';
    expect(await page.evaluate(focused)).toBe('cpu0.rp0.sw0.p2.ssd0');
    expect(await page.locator('#details-title').textContent()).toContain('ssd0');
    await page.keyboard.press('Enter');
    expect((await said(page)).at(-1)).toEqual({ kind: 'reveal', name: 'cpu0.rp0.sw0.p2.ssd0', focus: true });
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    expect(await node(page, 'cpu0.rp0.sw0').getByRole('treeitem').getAttribute('aria-expanded')).toBe('false');
    expect(await node(page, 'cpu0.rp0.sw0.p0').count()).toBe(0);
    expect(await page.evaluate(focused)).toBe('cpu0.rp0.sw0');
    await page.keyboard.press('Space');
    expect(await node(page, 'cpu0.rp0.sw0.p0').count()).toBe(1);
    expect(await page.locator('[role=treeitem][tabindex="0"]').count()).toBe(1);
    await page.close();
  });

  test('lights the route between two devices hop by hop, with reasons', async () => {
    const page = await open('ai-server');
    await node(page, 'cpu0.rp0.sw0.p2.ssd0').click();
    await page.keyboard.press('r');
    await node(page, 'cpu0.rp1.sw1.p0.gpu2').click();
    await page.waitForSelector('.hops li');
    expect(await page.locator('.route').textContent()).toMatch(/Bandwidth.*GB\/s.*Latency.*s/);
    expect(await page.locator('.reasons li').count()).toBeGreaterThan(0);
    const lit = await page
      .locator('.wire.lit')
      .evaluateAll((wires) => wires.map((wire) => wire.getAttribute('data-link')).sort());
    expect(lit).toEqual(['cpu0.rp0', 'cpu0.rp0.sw0.p2', 'cpu0.rp1', 'cpu0.rp1.sw1.p0']);
    const numbers = await page.locator('.step text').allTextContents();
    expect(numbers).toContain('1');
    await page.screenshot({ path: `${shots}diagram-route.png` });
    await page.keyboard.press('Escape');
    expect(await page.locator('.route').count()).toBe(0);
    await page.close();
  });

  test('finds by name, kind and part, and walks through what it finds', async () => {
    const page = await open('box');
    await page.keyboard.press('Tab');
    await page.locator('#search').fill('gpu cpu1');
    expect(await page.locator('header [role=status]').textContent()).toBe('4 found');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    expect(await page.locator('.selected').getAttribute('data-node')).toBe('cpu1.rp0.sw.g1.gpu1');
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
    await page.close();
  });

  test('follows the text: what stays, stays where it is', async () => {
    const page = await open('box');
    await node(page, 'cpu0.rp1.sw.g0.gpu0').click();
    const before = await boxes(page);
    const text = machineTexts.box.replace('root-port spare gen5 x16\n', 'root-port spare gen5 x16 { nic late0 }\n');
    await tell(page, {
      kind: 'diagram',
      file: 'test.pcie',
      step: 1,
      diagram: await views.answers.diagram('box', text),
    });
    await page.waitForSelector('[data-node="cpu0.spare.late0"]');
    const now = await boxes(page);
    for (const [name, box] of before) {
      if (name === 'cpu0' || name.includes('spare')) continue;
      expect(now.get(name)?.x, name).toBeCloseTo(box.x, 0);
      expect(now.get(name)?.y, name).toBeCloseTo(box.y, 0);
    }
    expect(await page.locator('.selected').getAttribute('data-node')).toBe('cpu0.rp1.sw.g0.gpu0');
    await page.close();
  });

  test('shows where the cursor of the text is, unfolding what hides it', async () => {
    const page = await open('box');
    await page.getByRole('button', { name: 'Fold all switches' }).click();
    expect(await node(page, 'cpu1.rp1.sw.g1.gpu1').count()).toBe(0);
    await tell(page, { kind: 'select', names: ['cpu1.rp1.sw.g1.gpu1'] });
    await page.waitForSelector('[data-node="cpu1.rp1.sw.g1.gpu1"].marked');
    expect((await said(page)).filter((message) => message.kind === 'reveal')).toEqual([]);
    await page.close();
  });

  test('a device that is dragged to a free port changes the text, and to no other', async () => {
    const page = await open('ai-server');
    const text = machineTexts['ai-server'].replace(
      'port p2 gen4 x16 { nic nic0',
      'port p3 gen4 x4\n        port p2 gen4 x16 { nic nic0',
    );
    await tell(page, {
      kind: 'diagram',
      file: 'test.pcie',
      step: 1,
      diagram: await views.answers.diagram('ai-server', text),
    });
    await page.waitForSelector('[data-node="cpu0.rp1.sw1.p3"]');
    const drag = async (from: string, to: string) => {
      const [a, b] = [await node(page, from).boundingBox(), await node(page, to).locator('.body').boundingBox()];
      await page.mouse.move((a?.x ?? 0) + 20, (a?.y ?? 0) + 20);
      await page.mouse.down();
      await page.mouse.move((a?.x ?? 0) + 60, (a?.y ?? 0) + 60, { steps: 3 });
      await page.mouse.move((b?.x ?? 0) + 8, (b?.y ?? 0) + 8, { steps: 3 });
      await page.mouse.up();
    };
    await drag('cpu0.rp0.sw0.p2.ssd0', 'cpu0.rp1.sw1.p3');
    await drag('cpu0.rp0.sw0.p2.ssd0', 'cpu0.rp0.sw0.p1');
    await drag('cpu0.rp1.sw1.p0.gpu2', 'cpu0.rp1.sw1.p3');
    expect((await said(page)).filter((message) => message.kind === 'change')).toEqual([
      { kind: 'change', action: { kind: 'move', device: 'cpu0.rp0.sw0.p2.ssd0', port: 'cpu0.rp1.sw1.p3' } },
    ]);
    expect(await page.locator('.status').textContent()).toContain('one of 2 that one line makes');
    await page.close();
  });

  test('width, ACS and place are changed by keyboard as well', async () => {
    const page = await open('ai-server');
    await node(page, 'cpu0.rp0.sw0.p0').click();
    await page.getByLabel('Width').selectOption('8');
    await page.getByLabel('ACS redirects peers').click();
    const [width, acs] = (await said(page)).filter((message) => message.kind === 'change');
    expect(width).toEqual({
      kind: 'change',
      action: { kind: 'link', port: 'cpu0.rp0.sw0.p0', lanes: 8, generation: null },
    });
    expect(acs).toEqual({ kind: 'change', action: { kind: 'acs', port: 'cpu0.rp0.sw0.p0', on: true } });
    await page.close();
  });
});
