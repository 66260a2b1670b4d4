import type { Stage } from '../drive.types.ts';
import { node, openPicture, pictureFrame } from '../picture.ts';
import { languageReady, openFile } from '../workbench.ts';

export const name = 'diagram-reload';

/** The picture is there again after the window was loaded anew. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await openPicture(page);
  await page.reload();
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await node(await pictureFrame(page), 'cpu0.rp0.sw0.p0.gpu0').waitFor();
  await shot('restored');
  log('it is there again after a reload');
}
