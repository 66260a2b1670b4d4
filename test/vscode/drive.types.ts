import type { Page } from 'playwright-core';

export type Workbench = 'vscode' | 'web';

/** What a drive is given. */
export interface Stage {
  readonly page: Page;
  /** Whether the workbench has a machine behind it, or is alone in a browser. */
  readonly workbench: Workbench;
  /** The folder that is open: a copy of the examples, which a drive may change. */
  readonly folder: string;
  /** A file of the folder by the path that dialogs of the workbench know it by. */
  readonly pathOf: (file: string) => string;
  /** Writes test-results/screenshots/<workbench>-<drive>-<name>.png. */
  readonly shot: (name: string) => Promise<void>;
  readonly log: (text: string) => void;
}

/** A walk through the real workbench, the same with a machine behind it and in a browser alone: it throws where something is not as it has to be. */
export interface Drive {
  readonly name: string;
  /** `false`: the workbench in a browser alone cannot do this; the drive says why. */
  readonly web?: boolean;
  /** In a folder that is not trusted. */
  readonly restricted?: boolean;
  /** With a second extension, which calls the tools for assistants. */
  readonly tools?: boolean;
  /** Puts what it needs into the folder, before the workbench opens it. */
  readonly prepare?: (folder: string) => void;
  readonly run: (stage: Stage) => Promise<void>;
}
