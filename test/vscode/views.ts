import type { Frame, Page } from 'playwright-core';
import { command } from './workbench.ts';

/** The frame of a view by something that it shows once it is drawn, wherever it stands among other views. */
export async function viewFrame(page: Page, shows: string, seconds = 75): Promise<Frame> {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    for (const frame of page.frames()) {
      // A frame that is just being loaded, or let go, may not answer at all.
      const asked = frame
        .locator(shows)
        .count()
        .catch(() => 0);
      const found = await Promise.race([asked, page.waitForTimeout(2000).then(() => 0)]);
      if (found > 0) return frame;
    }
    await page.waitForTimeout(200);
  }
  throw new Error(`no view shows ${shows}`);
}

/**
 * Opens a view of the active text by its command. A click in the palette may get lost while a loaded machine draws: then
 * it is asked for again.
 */
export async function openView(page: Page, title: string, tabWith: RegExp, shows: string): Promise<Frame> {
  const tab = page.locator('.part.editor .tab', { hasText: tabWith }).first();
  for (let attempt = 1; ; attempt++) {
    await command(page, title);
    try {
      await tab.waitFor({ timeout: 12_000 });
      return await viewFrame(page, shows);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

export const openMatrix = (page: Page): Promise<Frame> =>
  openView(page, 'PCIe: Show Peer Matrix', /peer|matrix/i, 'main#matrix [role="gridcell"]');

export const openAddressMap = (page: Page): Promise<Frame> =>
  openView(page, 'PCIe: Show Address Map', /address/i, 'main#address-map svg, main#address-map [role="tree"]');
