import type { Stage } from '../drive.types.ts';
import { node, openPicture, pictureFrame } from '../picture.ts';
import { command, languageReady, openFile } from '../workbench.ts';

export const name = 'diagram-reload';

/** The picture is there again after the window was loaded anew, of the same machine, folded as it was. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const before = await openPicture(page);
  await node(before, 'cpu0.rp0.sw0').click();
  await page.keyboard.press('Space');
  await node(before, 'cpu0.rp0.sw0.p0').waitFor({ state: 'detached' });
  await command(page, 'Developer: Reload Window');
  await page.waitForEvent('load');
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  const view = await pictureFrame(page);
  await node(view, 'cpu0.rp1.sw1.p0.gpu2').waitFor();
  if ((await node(view, 'cpu0.rp0.sw0.p0').count()) > 0) throw new Error('what was folded is unfolded again');
  await shot('restored');
  log('it is there again after a reload, folded as it was');
  await node(view, 'cpu0.rp1.sw1.p2.nic0').click();
  await page.locator('.line-numbers.active-line-number', { hasText: '34' }).first().waitFor();
  log('and still leads to the text');
}
