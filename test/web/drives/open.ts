import type { Stage } from '../../vscode/drive.types.ts';
import { languageReady, openFile, simulateTransfer, tokenColours } from '../../vscode/workbench.ts';

export const name = 'open';

/** In the browser alone: colours, lenses, a simulation in its worker, findings in the file of mistakes. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const colours = await tokenColours(page);
  log(`token colours: ${colours.length}`);
  if (colours.length < 3) throw new Error(`only ${colours.length} token colours`);
  await shot('open');

  await page.locator('.view-lines .view-line').first().click();
  for (let line = 0; line < 50; line++) await page.keyboard.press('ArrowDown');
  await simulateTransfer(page, /6\.5 GB\/s/, 3);
  await shot('result');

  await openFile(page, 'mistakes.pcie');
  await page.locator('.squiggly-error').first().waitFor();
  await shot('mistakes');
}
