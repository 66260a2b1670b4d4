import type { Page } from 'playwright-core';

/** What a drive is given. */
export interface Stage {
  readonly page: Page;
  /** The folder that is open: a copy of the examples, which a drive may change. */
  readonly folder: string;
  /** Writes test-results/screenshots/<workbench>-<drive>-<name>.png. */
  readonly shot: (name: string) => Promise<void>;
  readonly log: (text: string) => void;
}

/** A walk through the real workbench: it throws where something is not as it has to be. */
export interface Drive {
  readonly name: string;
  /** Puts what it needs into the folder, before the workbench opens it. */
  readonly prepare?: (folder: string) => void;
  readonly run: (stage: Stage) => Promise<void>;
}
