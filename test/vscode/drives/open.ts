import type { Stage } from '../drive.types.ts';
import { goToLine, languageReady, lens, line, openFile, problems, toggleTheme, tokenColours } from '../workbench.ts';

export const name = 'open';

/** Open an example: colours, lenses, no findings in it; findings in the file of mistakes; both themes. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const language = page.locator('[id="status.editor.mode"]');
  if (!/PCIe/.test(await language.innerText())) throw new Error('the language of the file is not recognised');
  const colours = await tokenColours(page);
  log(`token colours: ${colours.join(' ')}`);
  if (colours.length < 3) throw new Error(`only ${colours.length} token colours`);
  log(`first lens: ${await lens(page, /\S/).innerText()}`);
  await shot('dark');

  await goToLine(page, 45);
  await line(page, 'transfer load from ssd0').waitFor();
  await lens(page, /Simulate/).waitFor();
  await shot('transfers');

  await openFile(page, 'mistakes.pcie');
  await page.locator('.squiggly-error, .squiggly-warning').first().waitFor();
  const rows = await problems(page);
  await rows.nth(1).waitFor();
  log(`problems: ${await rows.count()} rows, first: ${(await rows.nth(1).innerText()).replace(/\s+/g, ' ')}`);
  await shot('problems');

  await toggleTheme(page);
  await shot('light-problems');
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  const light = await tokenColours(page);
  if (light.every((colour) => colours.includes(colour))) throw new Error('the light theme has the same token colours');
  await shot('light');
}
