import type { Page } from 'playwright-core';
export function openPage(
  state: string,
  say: (text: string) => void,
): Promise<{ readonly page: Page; readonly close: () => Promise<void> }>;
