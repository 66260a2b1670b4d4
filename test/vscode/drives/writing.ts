import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Stage } from '../drive.types.ts';
import { focusEditor, goToLine, languageReady, line, openFile, setTheme, type themes } from '../workbench.ts';

export const name = 'writing';

const written = `machine named {
  socket cpu0 : epyc-9554 {
    memory 64 GiB // much
    root-port rp0 gen4 x16 { gpu gpu : a100-pcie-80gb }
  }
}
transfer load from cpu0.memory to gpu {
  size 1 GiB
  expect bandwidth > 20 GB/s
}
`;

/** Words that mean the same kind of thing, with a part of their line; a number may say which of the same words is meant. */
const kindsOfWords: Readonly<Record<string, readonly (readonly [line: string, word: string, which?: number])[]>> = {
  keyword: [
    ['machine named', 'machine'],
    ['transfer load', 'transfer'],
    ['transfer load', 'from'],
    ['expect bandwidth', 'expect'],
  ],
  kind: [
    ['socket cpu0', 'socket'],
    ['root-port rp0', 'root-port'],
    ['root-port rp0', 'gpu', 0],
  ],
  // The second `gpu` is a name, which the syntax alone cannot tell.
  name: [
    ['socket cpu0', 'cpu0'],
    ['root-port rp0', 'rp0'],
    ['root-port rp0', 'gpu', 1],
  ],
  part: [
    ['socket cpu0', 'epyc-9554'],
    ['root-port rp0', 'a100-pcie-80gb'],
  ],
  number: [
    ['memory 64', '64'],
    ['memory 64', 'GiB'],
    ['expect bandwidth', 'GB/s'],
  ],
  comment: [['memory 64', '// much']],
};

export function prepare(folder: string): void {
  writeFileSync(join(folder, 'named.pcie'), written);
  writeFileSync(join(folder, 'fresh.pcie'), '\n');
}

/** Words have the colours of what they are, in every theme; snippets and completion write; files have their icon. */
export async function run(stage: Stage): Promise<void> {
  const { page, folder, log, shot } = stage;
  await openFile(page, 'named.pcie');
  await languageReady(page);
  const icons = new Set<string>();
  for (const theme of ['light', 'dark', 'contrast'] as const) {
    await setTheme(page, folder, theme);
    await page.waitForTimeout(1500);
    await colours(stage, theme);
    const icon = await page
      .locator('.part.editor .tab.active .monaco-icon-label')
      .first()
      .evaluate((label) => getComputedStyle(label, '::before').backgroundImage);
    if (!/pcie-(light|dark)\.svg/.test(icon)) throw new Error(`${theme}: the tab has the icon ${icon}`);
    icons.add(icon);
    await shot(theme);
  }
  if (icons.size < 2) throw new Error('the icon is the same on light and dark');
  await setTheme(page, folder, 'light');
  await completion(stage);
  await snippet(stage);
  log('a snippet writes a machine, with its places to fill in');
}

/** The colour of a word of a line, by what is on the screen. */
function colourOf(page: Page, within: string, word: string, which: number): Promise<string | undefined> {
  return page.evaluate(
    ([within, word, which]) => {
      for (const row of document.querySelectorAll('.part.editor .view-lines .view-line')) {
        const text = (row.textContent ?? '').replaceAll('\u00a0', ' ');
        if (!text.includes(within)) continue;
        const ofLetters = [...row.querySelectorAll('span > span')].flatMap((span) =>
          [...(span.textContent ?? '')].map(() => getComputedStyle(span).color),
        );
        const found = [...text.matchAll(new RegExp(`(?<![\\w-])${word}(?![\\w-])`, 'g'))][which];
        return found === undefined ? undefined : ofLetters[found.index];
      }
      return undefined;
    },
    [within, word, which] as const,
  );
}

/** Words of one kind have one colour, words of different kinds different ones. */
async function colours({ page, log }: Stage, theme: keyof typeof themes): Promise<void> {
  const seen = new Map<string, string>();
  for (const [kind, words] of Object.entries(kindsOfWords)) {
    for (const [within, word, which = 0] of words) {
      const colour = await colourOf(page, within, word, which);
      if (colour === undefined) throw new Error(`${word} is not on the screen`);
      const known = seen.get(kind) ?? colour;
      if (known !== colour) throw new Error(`${theme}: ${word} has ${colour}, another ${kind} ${known}`);
      seen.set(kind, colour);
    }
  }
  const same = [...seen].filter(([kind, colour]) => [...seen].some(([other, its]) => other !== kind && its === colour));
  if (same.length > 0) throw new Error(`${theme}: the same colour for ${same.map(([kind]) => kind).join(', ')}`);
  log(`${theme}: ${[...seen].map(([kind, colour]) => `${kind} ${colour}`).join(', ')}`);
}

/** Parts of the catalogue are offered with what they are; the one that is taken is written. */
async function completion({ page, log, shot }: Stage): Promise<void> {
  const column = 1 + (written.split('\n')[3] ?? '').indexOf('pcie-80gb');
  await goToLine(page, 4, column);
  for (const _letter of 'pcie-80gb') await page.keyboard.press('Delete');
  const widget = page.locator('.suggest-widget.visible');
  const row = widget.locator('.monaco-list-row', { hasText: 'a100-sxm-80gb' }).first();
  for (let attempt = 1; ; attempt++) {
    await page.keyboard.press('Control+Space');
    try {
      await row.waitFor({ timeout: 8000 });
      break;
    } catch (error) {
      if (attempt === 3) throw error;
      await page.keyboard.press('Escape');
    }
  }
  await shot('completion');
  const offered = await widget.locator('.monaco-list-row').allInnerTexts();
  if (!offered.every((text) => /a100/i.test(text))) throw new Error(`what is offered for a100-: ${offered.join(', ')}`);
  await row.click();
  await line(page, 'gpu gpu : a100-sxm-80gb }').waitFor();
  log(`completion offers ${offered.length} parts`);
}

/** A snippet from the completion of an empty file; Tab goes through its places. */
async function snippet({ page, shot }: Stage): Promise<void> {
  await openFile(page, 'fresh.pcie');
  await goToLine(page, 1);
  await focusEditor(page);
  await page.keyboard.type('mach');
  const rows = page.locator('.suggest-widget.visible .monaco-list-row');
  const row = rows.filter({ has: page.locator('.codicon-symbol-snippet') }).first();
  await row.waitFor();
  await shot('snippet');
  await row.click();
  await line(page, 'socket cpu0 {').waitFor();
  await page.keyboard.type('rack');
  await page.keyboard.press('Tab');
  await page.keyboard.type('node0');
  await line(page, 'machine rack {').waitFor();
  await line(page, 'socket node0 {').waitFor();
  await shot('expanded');
}
