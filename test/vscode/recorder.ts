import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { must } from '../../scripts/lib/run.mjs';

interface Still {
  readonly file: string;
  readonly seconds: number;
}

/** A walk as a row of stills: each is shown as long as it takes to read. The pointer is drawn, as pages have none. */
export class Recorder {
  readonly #page: Page;
  readonly #folder = mkdtempSync(join(tmpdir(), 'stills-'));
  readonly #stills: Still[] = [];

  constructor(page: Page) {
    this.#page = page;
  }

  /** Draws the pointer and the line of words below; once a page is loaded. */
  async begin(): Promise<void> {
    await this.#page.evaluate(() => {
      const pointer = document.createElement('div');
      pointer.id = 'recorded-pointer';
      pointer.style.cssText =
        'position:fixed;z-index:99999;width:18px;height:18px;pointer-events:none;clip-path:polygon(0 0,0 100%,28% 74%,46% 100%,62% 92%,46% 66%,80% 66%);background:#fff;filter:drop-shadow(0 0 1px #000)';
      const words = document.createElement('div');
      words.id = 'recorded-words';
      words.style.cssText =
        'position:fixed;z-index:99998;white-space:nowrap;left:50%;bottom:34px;transform:translateX(-50%);padding:7px 18px;border-radius:8px;pointer-events:none;background:#0a3f3a;color:#fff;font:600 19px system-ui,sans-serif;box-shadow:0 2px 12px #0008';
      document.body.append(pointer, words);
      document.addEventListener('mousemove', (event) => {
        pointer.style.left = `${event.clientX}px`;
        pointer.style.top = `${event.clientY}px`;
      });
    });
  }

  /** What is going on, in a few words. */
  async say(words: string): Promise<void> {
    await this.#page.evaluate((text) => {
      const line = document.getElementById('recorded-words');
      if (line !== null) line.textContent = text;
    }, words);
  }

  /** Moves the pointer onto a thing; views of their own do not report where it is. */
  async point(target: Locator): Promise<void> {
    const box = await target.boundingBox();
    if (box === null) throw new Error('what is pointed at is not to be seen');
    const [x, y] = [box.x + Math.min(box.width / 2, 60), box.y + box.height / 2];
    await this.#page.mouse.move(x, y);
    await this.#page.evaluate(
      ([left, top]) => {
        const pointer = document.getElementById('recorded-pointer');
        if (pointer === null) return;
        pointer.style.left = `${left}px`;
        pointer.style.top = `${top}px`;
      },
      [x, y],
    );
  }

  /** Keeps what is to be seen now. */
  async still(seconds: number): Promise<void> {
    const file = join(this.#folder, `${String(this.#stills.length).padStart(3, '0')}.png`);
    await this.#page.screenshot({ path: file });
    this.#stills.push({ file, seconds });
  }

  /**
   * Writes the stills as an animation.
   * @param width pixels
   * @returns its size in bytes
   */
  async write(target: string, width: number): Promise<number> {
    const list = join(this.#folder, 'list.txt');
    const last = this.#stills.at(-1);
    const lines = this.#stills.flatMap(({ file, seconds }) => [`file '${file}'`, `duration ${seconds}`]);
    // The last duration counts only where the file stands once more.
    writeFileSync(list, [...lines, ...(last === undefined ? [] : [`file '${last.file}'`])].join('\n'));
    const filter = `scale=${width}:-1:flags=lanczos,split[a][b];[a]palettegen=max_colors=128:stats_mode=diff[p];[b][p]paletteuse=dither=none:diff_mode=rectangle`;
    const input = ['-f', 'concat', '-safe', '0', '-i', list];
    await must('ffmpeg', ['-y', '-loglevel', 'error', ...input, '-vsync', 'vfr', '-vf', filter, target], {
      timeoutSeconds: 120,
    });
    rmSync(this.#folder, { recursive: true, force: true });
    return statSync(target).size;
  }
}

/** A picture with 256 colours, which is what a screen full of text has: a third of the bytes. */
export async function palette(from: string, to: string): Promise<void> {
  const filter = 'split[a][b];[a]palettegen=max_colors=256:reserve_transparent=0[p];[b][p]paletteuse=dither=none';
  await must('ffmpeg', ['-y', '-loglevel', 'error', '-i', from, '-vf', filter, '-frames:v', '1', to]);
}
