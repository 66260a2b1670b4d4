import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../drive.types.ts';
import { viewFrame } from '../views.ts';
import { command, languageReady, openFile, pick } from '../workbench.ts';

export const name = 'cancel';

/** Some hundred transfers that come and go, so that nothing is steady: packet by packet they take minutes. */
function longText(folder: string): string {
  const [machine = ''] = readFileSync(join(folder, 'ai-server.pcie'), 'utf8').split(/\n(?=\/\/\/|transfer|scenario)/);
  const ways = ['gpu0 to cpu0.memory', 'gpu1 to cpu0.memory', 'ssd0 to gpu1'];
  const transfers = Array.from({ length: 400 }, (_, index) => {
    const size = 7 + ((index * 37) % 53);
    return `  at ${index * 230} us transfer t${index} from ${ways[index % 3]} { size ${size} MiB }`;
  });
  return `${machine}
scenario long {
${transfers.join('\n')}
}
transfer small from gpu0 to cpu0.memory { size 1 MiB }
`;
}

/** A long run of packets: it says how far it is, is ended by either of its buttons, and the next run works. */
export async function run({ page, folder, shot, log }: Stage): Promise<void> {
  writeFileSync(join(folder, 'long.pcie'), longText(folder));
  mkdirSync(join(folder, '.vscode'), { recursive: true });
  writeFileSync(join(folder, '.vscode/settings.json'), JSON.stringify({ 'pcie.simulation.fidelity': 'packet' }));
  await openFile(page, 'long.pcie');
  await languageReady(page);
  await command(page, 'PCIe: Show Results');
  const results = await viewFrame(page, 'main#results');
  const bar = results.getByRole('progressbar', { name: 'Simulating long' });

  await command(page, 'PCIe: Simulate…');
  await pick(page, 'long');
  await bar.waitFor({ timeout: 30_000 });
  const seen: number[] = [];
  for (let wait = 0; seen.length < 4 && wait < 200; wait++) {
    const value = await bar.evaluate((element) => (element as HTMLProgressElement).value);
    if (value > (seen.at(-1) ?? 0)) seen.push(value);
    await page.waitForTimeout(300);
  }
  if (seen.length < 4) throw new Error(`the bar stands still: ${seen.join(', ')}`);
  log(`the bar moves: ${seen.map((value) => value.toFixed(2)).join(', ')}`);
  const toast = page.locator('.notification-toast', { hasText: 'Simulating long' });
  await toast.getByText(/\d+ %/).waitFor();
  await shot('running');
  await results.getByRole('button', { name: 'Cancel' }).click();
  await results.getByText('Simulating long was cancelled.').waitFor({ timeout: 5000 });
  await toast.waitFor({ state: 'hidden', timeout: 10_000 });
  if ((await results.getByRole('progressbar').count()) > 0) throw new Error('a cancelled run still has a bar');
  await shot('cancelled');
  log('cancelled by the button of the view, which says so');

  await command(page, 'PCIe: Simulate…');
  await pick(page, 'small');
  await results.getByRole('heading', { name: /^small/ }).waitFor({ timeout: 30_000 });
  if ((await results.getByText('was cancelled').count()) > 0) throw new Error('it still says that a run was cancelled');
  log('the next run works');

  await command(page, 'PCIe: Simulate…');
  await pick(page, 'long');
  await toast.hover({ timeout: 30_000 });
  await toast.getByRole('button', { name: 'Cancel' }).click();
  await results.getByText('Simulating long was cancelled.').waitFor({ timeout: 5000 });
  await results.getByRole('heading', { name: /^small/ }).waitFor();
  log('cancelled by the button of the notification; the run before stays in sight');
}
