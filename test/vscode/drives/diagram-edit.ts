import type { Stage } from '../drive.types.ts';
import { node, openPicture, wire } from '../picture.ts';
import { goToLine, languageReady, line, openFile } from '../workbench.ts';

export const name = 'diagram-edit';

/** Changes in the picture are steps of the text; changes of the text, and runs, are seen in the picture. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const view = await openPicture(page);

  await node(view, 'cpu0.rp0.sw0.p0').click();
  await view.getByLabel('Width').selectOption('8');
  await line(page, 'port p0 gen4 x8 {').waitFor();
  await wire(view, 'cpu0.rp0.sw0.p0').filter({ hasText: 'x8' }).waitFor();
  await shot('width');
  await goToLine(page, 24);
  await page.keyboard.press('Control+Z');
  await line(page, 'port p0 gen4 x16 {').waitFor();
  await wire(view, 'cpu0.rp0.sw0.p0').filter({ hasText: 'x16' }).waitFor();
  log('a change in the picture is one step of the text');

  await node(view, 'cpu0.rp0.sw0').click();
  await view.getByLabel('ACS redirects peers of all ports').click();
  await line(page, 'acs default').waitFor();
  await view.getByRole('button', { name: 'ACS', exact: true }).click();
  await view.locator('[data-node="cpu0.rp0.sw0.p0"] .acs-words').waitFor();
  await shot('acs');
  await view.getByRole('button', { name: 'ACS' }).click();
  // Without its explanation beside it the whole picture is to be seen.
  await node(view, 'cpu0.rp0.sw0').click();
  await page.keyboard.press('Escape');
  await view.locator('.details').waitFor({ state: 'detached' });
  await goToLine(page, 23);
  await page.keyboard.press('Control+Z');
  await line(page, 'acs off // for all its ports').waitFor();
  log('ACS was switched, and switched back in one step');

  await goToLine(page, 30);
  await page.keyboard.press('Home');
  await page.keyboard.type('root-port rp3 gen4 x4\n');
  await node(view, 'cpu0.rp3').waitFor();
  const [from, to] = [
    await node(view, 'cpu0.rp0.sw0.p2.ssd0').boundingBox(),
    await node(view, 'cpu0.rp3').locator('.body').boundingBox(),
  ];
  if (from === null || to === null) throw new Error('the drive and the free port are not to be seen');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 30, from.y - 20, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 6 });
  await shot('dragging');
  await page.mouse.up();
  await line(page, 'root-port rp3 gen4 x4 { nvme ssd0 : pm9a3 }').waitFor();
  await node(view, 'cpu0.rp3.ssd0').waitFor();
  log('a device was dragged to another port');

  await view.getByRole('button', { name: 'Simulate the work of this file' }).click();
  await view.locator('.wires .load.full, .wires .load.high').first().waitFor({ timeout: 40_000 });
  await shot('load');
  log('the load of the run is drawn');
}
