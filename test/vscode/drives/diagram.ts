import type { Stage } from '../drive.types.ts';
import { node, openPicture } from '../picture.ts';
import { goToLine, languageReady, openFile, toggleTheme } from '../workbench.ts';

export const name = 'diagram';

/** The picture beside the text: selections go both ways, and routes are lit. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const view = await openPicture(page);
  await shot('opened');
  log('opened beside the text');

  await node(view, 'cpu0.rp1.sw1.p2.nic0').click();
  await page.locator('.line-numbers.active-line-number', { hasText: '34' }).first().waitFor();
  await goToLine(page, 24, 30);
  await view.locator('.selected[data-node="cpu0.rp0.sw0.p0.gpu0"]').waitFor();
  log('the selection goes both ways');

  await node(view, 'cpu0.rp0.sw0.p2.ssd0').click();
  await page.keyboard.press('r');
  await node(view, 'cpu0.rp1.sw1.p0.gpu2').click();
  await view.locator('.hops li').first().waitFor();
  await shot('route');
  await toggleTheme(page);
  await shot('route-other-theme');
  await toggleTheme(page);
  log('a route is lit hop by hop');
}
