import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPage } from '../../scripts/lib/browser.mjs';
import { root } from '../../scripts/lib/run.mjs';
import type { Drive, Workbench } from './drive.types.ts';

/** A workbench that is running: its address with the folder open, and how to end it. */
export interface Served {
  readonly address: string;
  /** What the workbench calls the folder. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** How a workbench is started. */
export interface Serving {
  /** Folders of other extensions that are to run. */
  readonly extensions: readonly string[];
  /** The folder is not trusted. */
  readonly restricted: boolean;
}

const started = Date.now();
export const say = (text: string) => console.log(`${((Date.now() - started) / 1000).toFixed(1)} s  ${text}`);

/** Ends this process with the counts as its last line, in the form that scripts/test.mjs reads. */
export function finish(counts: { passed: number; failed: number; skipped: number; note: string }): never {
  console.log(JSON.stringify(counts));
  process.exit(counts.failed > 0 ? 1 : 0);
}

function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`took longer than ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function load(kind: Workbench): Promise<Drive[]> {
  const only = process.argv.slice(2);
  const folder = join(import.meta.dirname, 'drives');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const all: Drive[] = await Promise.all(files.sort().map((file) => import(join(folder, file))));
  const drives = all.filter((drive) => kind === 'vscode' || drive.web !== false);
  return only.length === 0 ? drives : drives.filter((drive) => only.includes(drive.name));
}

/**
 * Runs every drive that the workbench can do (or those named as arguments), each on a fresh state and a fresh copy of the examples.
 * What cannot be installed here is skipped, and says so.
 * @param kind name of the workbench, the beginning of the screenshots' names
 * @param install brings what the workbench needs
 * @param serve starts the workbench on a folder, keeping all that it writes in `state`
 */
export async function runDrives(
  kind: Workbench,
  install: () => Promise<unknown>,
  serve: (folder: string, state: string, how: Serving) => Promise<Served>,
): Promise<never> {
  const shots = join(root, 'test-results/screenshots');
  mkdirSync(shots, { recursive: true });
  const drives = await load(kind);
  const counts = { passed: 0, failed: 0, skipped: 0, note: '' };
  try {
    await within(420, install());
  } catch (error) {
    finish({ ...counts, skipped: drives.length, note: `could not be installed here: ${String(error).split('\n')[0]}` });
  }
  // Keys and clicks can get lost while a loaded machine draws: a walk that fails is walked once more from the start, and
  // the note says so. What is really broken fails twice.
  const queue = drives.map((drive) => ({ drive, again: false }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { drive, again } = next;
    const state = mkdtempSync(join(tmpdir(), `pcie-${kind}-`));
    const folder = mkdtempSync(join(tmpdir(), 'machines-'));
    cpSync(join(root, 'examples'), folder, { recursive: true });
    drive.prepare?.(folder);
    let served: Served | undefined;
    let browser: Awaited<ReturnType<typeof openPage>> | undefined;
    try {
      served = await within(
        120,
        serve(folder, state, {
          extensions: drive.tools === true ? [join(import.meta.dirname, 'tools')] : [],
          restricted: drive.restricted === true,
        }),
      );
      browser = await within(60, openPage(state, say));
      const { page } = browser;
      const { address, folder: named } = served;
      page.on('pageerror', (error) => say(`page error: ${error.message.slice(0, 200)}`));
      const shot = async (name: string) => {
        await page.screenshot({ path: join(shots, `${kind}-${drive.name}-${name}.png`) });
      };
      try {
        await page.goto(address);
        await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
        await within(
          240,
          drive.run({
            page,
            workbench: kind,
            folder,
            pathOf: (file) => join(named, file),
            shot,
            log: (text) => say(`${drive.name}: ${text}`),
          }),
        );
        counts.passed++;
        say(`${drive.name}: passed`);
      } catch (error) {
        await shot('failed').catch(() => undefined);
        throw error;
      }
    } catch (error) {
      say(`${drive.name}: FAILED: ${error instanceof Error ? error.message : error}`);
      if (again) counts.failed++;
      else {
        queue.unshift({ drive, again: true });
        counts.note = `${counts.note}${drive.name} was walked twice; `;
      }
    }
    await within(10, browser?.close() ?? Promise.resolve()).catch(() => undefined);
    await served?.stop();
    for (const path of [state, folder]) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  finish(counts);
}
