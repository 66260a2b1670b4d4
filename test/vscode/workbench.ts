import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** The code editor that has the focus of its group. */
export function editor(page: Page): Locator {
  return page.locator('.part.editor .editor-instance .monaco-editor').first();
}

/** Opens the box for commands, files or lines with its key, and writes into it. */
async function quickInput(page: Page, key: string, text: string): Promise<void> {
  const input = page.locator('.quick-input-widget input.input');
  // A panel or a file that has just been asked for may take the focus once more, which closes the box: ask again.
  for (let attempt = 1; ; attempt++) {
    await focusEditor(page);
    await page.keyboard.press(key);
    try {
      await input.waitFor({ timeout: 3000 });
      await input.fill(text, { timeout: 3000 });
      return;
    } catch (error) {
      if (attempt === 8) throw error;
      await page.keyboard.press('Escape');
      await page.waitForTimeout(300 * attempt);
    }
  }
}

/** Opens a file of the folder by its name and waits for its text. */
export async function openFile(page: Page, name: string): Promise<void> {
  const tab = page.locator('.part.editor .tab.active', { hasText: name });
  const entry = page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
  const isThere = () =>
    entry.waitFor({ timeout: 15_000 }).then(
      () => true,
      () => false,
    );
  if ((await tab.count()) === 0 && (await isThere())) {
    // The web workbench finds no files by name: the explorer works in both.
    await entry.dblclick();
  } else if ((await tab.count()) === 0) {
    await quickInput(page, 'Control+P', name);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor();
    await page.keyboard.press('Enter');
  }
  await tab.waitFor();
  await page.locator('.view-lines .view-line').first().waitFor();
}

/** Runs a command of the palette by the title that the palette shows. */
export async function command(page: Page, title: string): Promise<void> {
  await quickInput(page, 'F1', `>${title}`);
  const row = page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
  await row.waitFor();
  await row.click();
}

/** Picks a row of the list that a command shows. */
export async function pick(page: Page, text: string | RegExp): Promise<void> {
  const row = page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  await row.waitFor();
  await row.click();
}

/** Takes the focus out of a webview, whose keys the workbench does not see. */
export async function focusEditor(page: Page): Promise<void> {
  const tab = page.locator('.part.editor .tab.active').first();
  if ((await tab.count()) > 0) await tab.click();
}

/** Shows a line of the active editor, counted from 1. */
export async function goToLine(page: Page, line: number, column = 1): Promise<void> {
  await quickInput(page, 'Control+G', `:${line}:${column}`);
  await page.locator('.quick-input-widget input.input').press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** A line on the screen that contains `text`; the editor writes blanks as no-break spaces. */
export function line(page: Page, text: string): Locator {
  const blanks = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '[ \\u00a0]');
  return page.locator('.view-lines .view-line', { hasText: new RegExp(blanks) }).first();
}

/** A token on the screen, within the line that contains `within` when that is given. */
export function token(page: Page, text: string, within?: string): Locator {
  const place = within === undefined ? page.locator('.view-lines') : line(page, within);
  return place.locator('span span', { hasText: text }).first();
}

/** Rests the mouse on a token and returns what the hover says. */
export async function hover(page: Page, text: string, within?: string): Promise<string> {
  await token(page, text, within).hover();
  const contents = page.locator('.monaco-hover:not(.hidden) .hover-contents').filter({ hasText: /\S/ }).first();
  await contents.waitFor();
  const box = page.locator('.monaco-hover:not(.hidden)', { has: page.locator('.hover-contents') }).first();
  // The server's part arrives after the findings': wait until the box no longer says that it loads.
  await page.waitForFunction(() => !/^Loading/.test(document.querySelector('.monaco-hover')?.textContent ?? ''));
  return box.innerText();
}

/** Puts the mouse where nothing shows a hover. */
export async function leave(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.mouse.move(1390, 890);
}

/** A code lens that contains `text`. */
export function lens(page: Page, text: string | RegExp): Locator {
  return page.locator('.codelens-decoration a', { hasText: text }).first();
}

/** A text that the editor shows but the file does not hold: inlay hints, and what stands behind a lens. */
export function injected(page: Page, text: string | RegExp): Locator {
  return page.locator('.view-line span[class*="dyn-rule"], .view-line span[class*="ced-"]', { hasText: text }).first();
}

/** Shows the Problems panel and returns its rows. */
export async function problems(page: Page): Promise<Locator> {
  const panel = page.locator('.markers-panel');
  if (!(await panel.isVisible())) {
    await focusEditor(page);
    await page.keyboard.press('Control+Shift+M');
  }
  await panel.waitFor();
  return panel.locator('.monaco-list-row');
}

/** The content of the webview that shows the results. */
export function resultsView(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview').first().frameLocator('iframe#active-frame');
}

/**
 * Simulates the transfer of the first such lens and waits for its rate in the results. Lenses are drawn anew while the file
 * is checked, and a click on one that goes away is lost: click until it counts, at most so many times.
 */
export async function simulateTransfer(page: Page, rate: RegExp, attempts: number): Promise<FrameLocator> {
  const results = resultsView(page);
  for (let attempt = 1; ; attempt++) {
    await lens(page, 'Simulate this transfer').click();
    try {
      await results.getByText(rate).first().waitFor({ timeout: 8000 });
      return results;
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

/** The colours that the editor gives to its tokens now, each once. */
export function tokenColours(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const spans = [...document.querySelectorAll('.view-lines .view-line span[class*="mtk"]')];
    return [...new Set(spans.map((span) => getComputedStyle(span).color))];
  });
}

/** Waits until the language server has answered: it alone gives lenses. */
export async function languageReady(page: Page): Promise<void> {
  await page.locator('.codelens-decoration a').first().waitFor({ timeout: 45_000 });
}

/** Switches between the dark and the light theme. */
export async function toggleTheme(page: Page): Promise<void> {
  const root = page.locator('.monaco-workbench').first();
  const wasLight = await root.evaluate((element) => element.classList.contains('vs'));
  await command(page, 'Preferences: Toggle between Light/Dark Themes');
  await page
    .locator(wasLight ? '.monaco-workbench.vs-dark' : '.monaco-workbench.vs')
    .first()
    .waitFor();
}

/** Themes that VS Code brings, with the class that its window has in them. */
export const themes = {
  light: ['Default Light Modern', 'vs'],
  dark: ['Default Dark Modern', 'vs-dark'],
  contrast: ['Default High Contrast', 'hc-black'],
} as const;

/**
 * Sets settings of a folder, before it is opened or while it is open; what was set before and is not named stays.
 * `undefined` takes a setting away. The web workbench does not see the change of an open folder.
 */
export function writeSettings(folder: string, values: Readonly<Record<string, unknown>>): void {
  const file = join(folder, '.vscode/settings.json');
  mkdirSync(join(folder, '.vscode'), { recursive: true });
  const before: Record<string, unknown> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  writeFileSync(file, JSON.stringify({ ...before, ...values }, null, 2));
}

/** Puts a folder into a theme, by its settings, before it is opened or while it is open. */
export const writeTheme = (folder: string, theme: keyof typeof themes): void =>
  writeSettings(folder, { 'workbench.colorTheme': themes[theme][0] });

/** Puts the open folder into a theme. */
export async function setTheme(page: Page, folder: string, theme: keyof typeof themes): Promise<void> {
  writeTheme(folder, theme);
  await page.locator(`.monaco-workbench.${themes[theme][1]}`).first().waitFor();
}

/** Brings an open editor or view to the front by its tab. */
export async function showTab(page: Page, title: string | RegExp): Promise<void> {
  await page.locator('.part.editor .tab', { hasText: title }).first().click();
}

/** Writes a path into a dialog, which writes its own folder into it when it is ready. */
export async function fillPath(page: Page, path: string): Promise<void> {
  const input = page.locator('.quick-input-widget input.input');
  for (let attempt = 0; attempt < 5; attempt++) {
    await input.fill(path);
    await page.waitForTimeout(700);
    if ((await input.inputValue()) === path) return;
  }
  throw new Error(`the dialog does not take ${path}`);
}
