// From a command to the first frame of a view.
import type { Page } from 'playwright-core';
import { command, openFile } from './workbench.ts';

/** Views with what shows that they are drawn. */
export const views = {
  topology: ['PCIe: Show Topology', 'main#diagram [data-node]'],
  matrix: ['PCIe: Show Peer Matrix', 'main#matrix [role="gridcell"]'],
  addressMap: ['PCIe: Show Address Map', 'main#address-map svg, main#address-map [role="tree"]'],
  results: ['PCIe: Simulate All Work in This File', 'main#results h1'],
  /** VS Code's own: what a webview takes that shows a line of text. */
  markdown: ['Markdown: Open Preview to the Side', 'body.vscode-body h1'],
} as const;

/** Milliseconds until a view of a file is drawn, time after time; nothing else is open then. */
export async function paints(page: Page, file: string, view: keyof typeof views, rounds = 5): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await openFile(page, file);
    await page.waitForTimeout(700);
    took.push(await paint(page, view));
    await command(page, 'View: Close All Editors');
  }
  return took;
}

/** Milliseconds from the choice in the palette to the first frame with nodes. */
export async function paint(page: Page, view: keyof typeof views): Promise<number> {
  const [title, shows] = views[view];
  await page.locator('.part.editor .tab.active').first().click();
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input.input').fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().waitFor();
  const before = Date.now();
  await page.keyboard.press('Enter');
  for (;;) {
    for (const frame of page.frames()) {
      const there = await frame.evaluate((drawn) => document.querySelector(drawn) !== null, shows).catch(() => false);
      if (there) return Date.now() - before;
    }
    if (Date.now() - before > 60_000) throw new Error(`${title} shows nothing`);
    await page.waitForTimeout(10);
  }
}
