import type { Frame, Locator, Page } from 'playwright-core';
import { command } from './workbench.ts';

/** Opens the picture of the active text. A click in the palette may get lost while a loaded machine draws: ask again. */
export async function openPicture(page: Page): Promise<Frame> {
  const tab = page.locator('.part.editor .tab', { hasText: /topology/i }).first();
  for (let attempt = 1; ; attempt++) {
    await command(page, 'PCIe: Show Topology');
    try {
      await tab.waitFor({ timeout: 12_000 });
      return await pictureFrame(page);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** The frame of the topology view, wherever it stands among other views. */
export async function pictureFrame(page: Page): Promise<Frame> {
  const until = Date.now() + 75_000;
  while (Date.now() < until) {
    for (const frame of page.frames()) {
      // A frame that is just being loaded, or let go, may not answer at all.
      const asked = frame
        .locator('main#diagram [data-node]')
        .count()
        .catch(() => 0);
      const found = await Promise.race([asked, page.waitForTimeout(2000).then(() => 0)]);
      if (found > 0) return frame;
    }
    await page.waitForTimeout(200);
  }
  throw new Error('the picture does not appear');
}

/** A component in the picture, by its qualified name. */
export const node = (frame: Frame, name: string): Locator => frame.locator(`[data-node="${name}"]`);

/** The link below a port. */
export const wire = (frame: Frame, port: string): Locator => frame.locator(`.wires [data-link="${port}"]`);
