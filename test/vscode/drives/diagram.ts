import type { FrameLocator, Page } from 'playwright-core';
import type { Stage } from '../drive.types.ts';
import { command, focusEditor, goToLine, languageReady, line, openFile, toggleTheme } from '../workbench.ts';

export const name = 'diagram';

const picture = (page: Page): FrameLocator =>
  page.frameLocator('iframe.webview').first().frameLocator('iframe#active-frame');

/** The picture: it stands beside the text, follows it, shows where things are, and changes the text in one step. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  const view = picture(page);
  const node = (of: string) => view.locator(`[data-node="${of}"]`);
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await command(page, 'PCIe: Show Topology');
  await node('cpu0.rp0.sw0.p0.gpu0').waitFor({ timeout: 30_000 });
  await shot('opened');
  log('opened beside the text');

  await node('cpu0.rp1.sw1.p2.nic0').click();
  await page.locator('.line-numbers.active-line-number', { hasText: '34' }).first().waitFor();
  await goToLine(page, 24, 30);
  await view.locator('.selected[data-node="cpu0.rp0.sw0.p0.gpu0"]').waitFor();
  log('the selection goes both ways');

  await node('cpu0.rp0.sw0.p0').click();
  await view.getByLabel('Width').selectOption('8');
  await line(page, 'port p0 gen4 x8 {').waitFor();
  await view.locator('.wire[data-link="cpu0.rp0.sw0.p0"]', { hasText: '×8' }).waitFor();
  await shot('width');
  await focusEditor(page);
  await goToLine(page, 24);
  await page.keyboard.press('Control+Z');
  await line(page, 'port p0 gen4 x16 {').waitFor();
  await view.locator('.wire[data-link="cpu0.rp0.sw0.p0"]', { hasText: '×16' }).waitFor();
  log('a change in the picture is one step of the text');

  await goToLine(page, 30);
  await page.keyboard.press('Home');
  await page.keyboard.type('root-port rp3 gen4 x4\n');
  await node('cpu0.rp3').waitFor();
  const [from, to] = [
    await node('cpu0.rp0.sw0.p2.ssd0').boundingBox(),
    await node('cpu0.rp3').locator('.body').boundingBox(),
  ];
  if (from === null || to === null) throw new Error('the drive and the free port are to be seen');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 30, from.y - 20, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 6 });
  await shot('dragging');
  await page.mouse.up();
  await line(page, 'root-port rp3 gen4 x4 { nvme ssd0 : pm9a3 }').waitFor();
  await node('cpu0.rp3.ssd0').waitFor();
  log('a device was dragged to another port');

  await view.getByRole('button', { name: 'Simulate the work of this file' }).click();
  await view.locator('.wires .load.full, .wires .load.high').first().waitFor({ timeout: 40_000 });
  await shot('load');
  log('the load of the run is drawn');

  await node('cpu0.rp3.ssd0').click();
  await page.keyboard.press('r');
  await node('cpu0.rp0.sw0.p0.gpu0').click();
  await view.locator('.hops li').first().waitFor();
  await shot('route');
  await toggleTheme(page);
  await shot('route-other-theme');
  await toggleTheme(page);

  await page.reload();
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await node('cpu0.rp0.sw0.p0.gpu0').waitFor({ timeout: 60_000 });
  await shot('restored');
  log('it is there again after a reload');
}
