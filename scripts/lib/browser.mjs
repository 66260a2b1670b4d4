// Chromium, headless.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { chromium } from './install.mjs';

const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
args.push('--disable-component-update', '--disable-sync');

/**
 * Opens a page in a profile of its own under `state`.
 * @returns {Promise<{ page: import('playwright-core').Page, close: () => Promise<void> }>}
 */
export async function openPage(state, say) {
  const profile = join(state, 'chromium');
  mkdirSync(join(profile, 'Default'), { recursive: true });
  // Webviews are frames of another origin with storage of their own, which Debian's Chromium blocks by default.
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(preferences));
  const context = await playwright.launchPersistentContext(profile, {
    executablePath: await chromium(say),
    headless: true,
    viewport: { width: 1400, height: 900 },
    args,
    timeout: 60_000,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(25_000);
  return { page, close: () => context.close() };
}
