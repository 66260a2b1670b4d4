import type { Stage } from '../drive.types.ts';
import { command, languageReady, openFile } from '../workbench.ts';

export const name = 'discovery';

/** Step through the configuration cycles of a boot: each says why, and the text shows whom it asks. */
export async function run({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await command(page, 'PCIe: Step Through Discovery');
  const picker = page.locator('.quick-input-widget');
  await picker.getByText(/configuration cycles/).waitFor();
  await page.keyboard.type('nic0');
  const row = picker.locator('.monaco-list-row.focused');
  await row
    .getByText(/read|write/)
    .first()
    .waitFor();
  await page.keyboard.press('ArrowDown');
  const said = (await row.getAttribute('aria-label')) ?? (await row.innerText());
  log(`a step: ${said.replace(/\s+/g, ' ')}`);
  if (!/nic0/.test(said)) throw new Error('the step does not say whom it asks');
  await page.getByText(/\(\d+ selected\)/).waitFor();
  await shot('step');
  await page.keyboard.press('Escape');
}
