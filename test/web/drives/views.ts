import type { Stage } from '../../vscode/drive.types.ts';
import { node, openPicture } from '../../vscode/picture.ts';
import { openAddressMap, openMatrix } from '../../vscode/views.ts';
import { goToLine, languageReady, openFile } from '../../vscode/workbench.ts';

export const name = 'views';

/** In the browser alone: the views of a machine open beside its text, show it, and follow the selection. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);

  const picture = await openPicture(page);
  await node(picture, 'cpu0.rp1.sw1.p2.nic0').click();
  await page.locator('.line-numbers.active-line-number', { hasText: '34' }).first().waitFor();
  await goToLine(page, 24, 30);
  await picture.locator('.selected[data-node="cpu0.rp0.sw0.p0.gpu0"]').waitFor();
  await shot('topology');
  log('the picture opens, and selections go both ways');

  const matrix = await openMatrix(page);
  const cells = await matrix.locator('main#matrix [role="gridcell"]').count();
  if (cells < 36) throw new Error(`the matrix of seven devices has only ${cells} cells`);
  await matrix.getByText('PHB').first().waitFor();
  await shot('matrix');
  log(`the matrix opens: ${cells} cells`);

  const map = await openAddressMap(page);
  await map.getByText('gpu0').first().waitFor();
  await shot('address-map');
  log('the address map opens');
}
