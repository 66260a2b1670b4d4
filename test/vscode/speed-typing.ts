// From a key to the frame that shows it, in the editor and in the picture beside it.
import type { Frame, Page } from 'playwright-core';
import { goToLine } from './workbench.ts';

const say = (text: string) => console.error(text);

/** Behind the name of the drive in line 8 of the long text. */
const columnOfName = '        port p2 gen4 x4 { nvme ssd2'.length + 1;

/** How long a hand takes from the Enter of a jump to the next key. */
const handMilliseconds = 300;

/** Types letters into the name of a drive, slowly enough for the picture to follow each. */
export async function type(
  page: Page,
  view: Frame | null,
): Promise<{ readonly screen: number[]; readonly view: number[] }> {
  await page.evaluate(() => {
    const times: { pressed: number; shown: number }[] = [];
    let pressed = 0;
    document.addEventListener(
      'keydown',
      (event) => {
        pressed = event.key === 'a' || event.key === 'Backspace' ? Date.now() : 0;
      },
      true,
    );
    const lines = document.querySelector('.editor-instance .view-lines');
    if (lines === null) throw new Error('there is no editor');
    new MutationObserver(() => {
      if (pressed === 0) return;
      const at = pressed;
      pressed = 0;
      requestAnimationFrame(() => setTimeout(() => times.push({ pressed: at, shown: Date.now() })));
    }).observe(lines, { subtree: true, childList: true, characterData: true });
    Object.assign(document, { typedTimes: times });
  });
  await view?.evaluate(() => {
    const times: { version: number; time: number }[] = [];
    const scene = document.querySelector('.scene');
    if (scene === null) throw new Error('there is no picture');
    // The picture says of which version of the text it is, also where nothing of it looks otherwise.
    new MutationObserver(() => {
      const version = Number(scene.getAttribute('data-version'));
      requestAnimationFrame(() => setTimeout(() => times.push({ version, time: Date.now() })));
    }).observe(scene, { attributes: true, attributeFilter: ['data-version'] });
    Object.assign(document, { drawnTimes: times });
  });
  const shownVersion = async () => Number((await view?.locator('.scene').getAttribute('data-version')) ?? 0);
  const before = await shownVersion();
  // Into the name of the drive of that line.
  await goToLine(page, 8, columnOfName);
  await page.waitForTimeout(handMilliseconds);
  const count = 24;
  for (let key = 0; key < count; key++) {
    await page.keyboard.press(key < count / 2 ? 'a' : 'Backspace');
    await page.waitForTimeout(900);
  }
  const typed = await page.evaluate(() =>
    'typedTimes' in document ? (document.typedTimes as { pressed: number; shown: number }[]) : [],
  );
  const drawn = await view?.evaluate(() =>
    'drawnTimes' in document ? (document.drawnTimes as { version: number; time: number }[]) : [],
  );
  // Each keystroke makes one version of the text.
  const inView = typed.flatMap(({ pressed }, index) => {
    const at = drawn?.find(({ version }) => version >= before + index + 1);
    return at === undefined ? [] : [at.time - pressed];
  });
  say(`${typed.length} keystrokes, ${inView.length} of them seen in the picture`);
  return { screen: typed.map(({ pressed, shown }) => shown - pressed), view: inView };
}
