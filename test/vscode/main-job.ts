import type { Stage } from './drive.types.ts';
import {
  command,
  focusEditor,
  goToLine,
  hover,
  injected,
  languageReady,
  leave,
  line,
  openFile,
  simulateTransfer,
  toggleTheme,
} from './workbench.ts';

/**
 * The main job, the same in every workbench: hover, hints, simulate, read the result, rename a device, fix a mistake,
 * format, look at it in the other theme.
 */
export async function mainJob(stage: Stage): Promise<void> {
  await openFile(stage.page, 'ai-server.pcie');
  await languageReady(stage.page);
  await readLinks(stage);
  await simulate(stage);
  await rename(stage);
  await fix(stage);
  await format(stage);
}

function check(stage: Stage, holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
  stage.log(what);
}

/** A hover on a port, and what stands behind it without asking. */
async function readLinks(stage: Stage): Promise<void> {
  const { page, shot } = stage;
  await goToLine(page, 24);
  const hint = (await injected(page, /GB\/s/).innerText()).trim();
  check(stage, /^[\d.]+\s*GB\/s$/.test(hint), `a hint behind a port says what its link carries: ${hint}`);
  const port = await hover(page, 'p0', 'port p0 gen4 x16');
  check(stage, /Gen4 x16/i.test(port) && /GB\/s/.test(port), 'the hover on a port tells its link and what it carries');
  await shot('hover');
  await leave(page);
}

/** A transfer from its code lens; its result, in both themes. */
async function simulate(stage: Stage): Promise<void> {
  const { page, shot } = stage;
  await goToLine(page, 46);
  const results = await simulateTransfer(page, /6\.5 GB\/s/, 4);
  const text = await results.locator('body').innerText();
  check(stage, text.includes('load') && /peer to peer/.test(text), 'the result names the transfer, its rate and route');
  await shot('result');
  await toggleTheme(page);
  await shot('result-other-theme');
  await toggleTheme(page);
}

async function rename({ page, shot, log }: Stage): Promise<void> {
  await focusEditor(page);
  // The box to rename in may close again while the panel below takes its place: ask until it stays.
  const input = page.locator('.rename-box input.rename-input');
  for (let attempt = 1; ; attempt++) {
    await goToLine(page, 24, 34);
    await page.keyboard.press('F2');
    try {
      await input.waitFor({ timeout: 4000 });
      await input.fill('accelerator', { timeout: 3000 });
      break;
    } catch (error) {
      if (attempt === 5) throw error;
      await page.keyboard.press('Escape');
    }
  }
  await page.keyboard.press('Enter');
  await line(page, 'gpu accelerator : a100').waitFor();
  await goToLine(page, 46);
  await line(page, 'from ssd0 to accelerator').waitFor();
  log('renamed where it stands and where it is used');
  await shot('renamed');
}

async function fix({ page, shot, log }: Stage): Promise<void> {
  await openFile(page, 'mistakes.pcie');
  await page.locator('.squiggly-error').first().waitFor();
  await goToLine(page, 18, 8);
  await page.keyboard.press('Control+.');
  const offered = page.locator('.action-widget .monaco-list-row', { hasText: 'Write memory-channels' }).first();
  await offered.waitFor();
  await shot('fix');
  // By key: the web workbench lays a pane over the list that takes clicks.
  await page.keyboard.press('Enter');
  await line(page, ' memory-channels 8').waitFor();
  log('the fix was applied');
}

async function format({ page, shot, log }: Stage): Promise<void> {
  await goToLine(page, 18, 1);
  await page.keyboard.type('          ');
  await command(page, 'Format Document');
  await page.waitForFunction(() => {
    const lines = [...document.querySelectorAll('.view-lines .view-line')].map((one) =>
      (one.textContent ?? '').replace(/\u00a0/g, ' '),
    );
    return lines.some((one) => /^ {4}memory-channels 8/.test(one));
  });
  log('formatted');
  await shot('formatted');
}
