import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Locator, Page } from 'playwright-core';
import type { FromView } from '../../../client/views/diagram/messages.ts';
import { launchChromium } from './chromium.ts';
import type { MachineName } from './machines.ts';
import { serveDiagram } from './server.ts';
import type { ThemeName } from './themes.ts';

/** Evaluated by the debugger's protocol: the policy of the page lets no other script in. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pages with the picture of a machine, and what they complain of. */
export class DiagramPages {
  readonly views: Awaited<ReturnType<typeof serveDiagram>>;
  readonly #browser: Browser;
  /** Errors of the script and violations of the policy, of all pages. */
  readonly complaints: string[] = [];

  constructor(browser: Browser, views: DiagramPages['views']) {
    this.#browser = browser;
    this.views = views;
  }

  static async start(): Promise<DiagramPages> {
    const views = await serveDiagram();
    return new DiagramPages(await launchChromium(), views);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.views.close();
  }

  async open(data: MachineName | 'none', theme: ThemeName = 'dark', width = 1400, height = 850): Promise<Page> {
    const page = await this.#browser.newPage({ viewport: { width, height } });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('favicon')) this.complaints.push(message.text());
    });
    await page.exposeFunction('answerPath', (from: string, to: string) => this.views.answers.path(data, from, to));
    await page.goto(`${this.views.url}?data=${data}&theme=${theme}`);
    await page.waitForSelector('[data-node], .gone');
    return page;
  }
}

export const said = (page: Page): Promise<FromView[]> => page.evaluate('window.said');

export const tell = (page: Page, message: unknown): Promise<unknown> =>
  page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);

export const node = (page: Page, name: string): Locator => page.locator(`[data-node="${name}"]`);

/** Where something stands on the screen; fails where it is not to be seen. */
export async function rectOf(page: Page, selector: string): Promise<Rect> {
  const rect = await page.locator(selector).first().boundingBox();
  if (rect === null) throw new Error(`${selector} is not to be seen`);
  return rect;
}

/** Where the body of every node stands on the screen. */
export async function boxes(page: Page): Promise<ReadonlyMap<string, Rect>> {
  const all = await page.locator('[data-node]').evaluateAll((groups) =>
    groups.map((group) => {
      const { x, y, width, height } = (group.querySelector('.body') ?? group).getBoundingClientRect();
      return [group.getAttribute('data-node') ?? '', { x, y, width, height }] as const;
    }),
  );
  return new Map(all);
}

/** What axe finds wrong with a page: the rules, with the first elements that break them. */
export async function violations(page: Page): Promise<readonly (readonly [rule: string, where: readonly string[]])[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  };
  return found.violations.map(({ id, nodes }) => [
    id,
    nodes.slice(0, 3).map((each) => `${each.html}: ${each.failureSummary ?? ''}`),
  ]);
}
