import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './drive.types.ts';
import { viewFrame } from './views.ts';
import { command, languageReady, openFile, pick } from './workbench.ts';

/**
 * A file `long.pcie` with a scenario `long` of some hundred transfers that come and go, and a transfer `small`; packet by
 * packet, so that the scenario takes minutes.
 */
export function prepareLongRun(folder: string): void {
  const text = readFileSync(join(folder, 'ai-server.pcie'), 'utf8');
  const [machine = ''] = text.split(/\n(?=\/\/\/|transfer|scenario)/);
  const ways = ['gpu0 to cpu0.memory', 'gpu1 to cpu0.memory', 'ssd0 to gpu1'];
  const all = Array.from({ length: 400 }, (_, index) => {
    const size = 7 + ((index * 37) % 53);
    return `  at ${index * 230} us transfer t${index} from ${ways[index % 3]} { size ${size} MiB }`;
  });
  const work = `scenario long {\n${all.join('\n')}\n}\ntransfer small from gpu0 to cpu0.memory { size 1 MiB }\n`;
  writeFileSync(join(folder, 'long.pcie'), `${machine}\n${work}`);
  mkdirSync(join(folder, '.vscode'), { recursive: true });
  writeFileSync(join(folder, '.vscode/settings.json'), JSON.stringify({ 'pcie.simulation.fidelity': 'packet' }));
}

/**
 * Such a run says how far it is, is ended by either of its buttons, and the next run works. In the browser alone no memory
 * is shared with the worker, which is ended with its run.
 */
export async function cancelLongRuns({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'long.pcie');
  await languageReady(page);
  await command(page, 'PCIe: Show Results');
  const results = await viewFrame(page, 'main#results');
  const bar = results.getByRole('progressbar', { name: 'Simulating long' });
  const toast = page.locator('.notification-toast', { hasText: 'Simulating long' });

  await command(page, 'PCIe: Simulate…');
  await pick(page, 'long');
  await bar.waitFor({ timeout: 30_000 });
  const seen: number[] = [];
  for (let wait = 0; seen.length < 3 && wait < 200; wait++) {
    const value = await bar.evaluate((element) => (element as HTMLProgressElement).value, undefined, { timeout: 5000 });
    if (value > (seen.at(-1) ?? 0)) seen.push(value);
    await page.waitForTimeout(100);
  }
  if (seen.length < 3) throw new Error(`the bar stands still: ${seen.join(', ')}`);
  log(`the bar moves: ${seen.map((value) => value.toFixed(2)).join(', ')}`);
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
