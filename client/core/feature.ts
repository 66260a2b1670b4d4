import type { Disposable, ExtensionContext, LogOutputChannel } from 'vscode';
import type { Comparisons } from './comparisons.ts';
import type { RunBook } from './run-book.ts';
import type { Server } from './server.ts';

/** What every feature is given. Features meet here and nowhere else: none imports another. */
export interface Host {
  readonly context: ExtensionContext;
  readonly server: Server;
  /** The runs that were seen since the extension started. */
  readonly runs: RunBook;
  /** How other machines differ from those of documents, as far as somebody asked. */
  readonly comparisons: Comparisons;
  readonly log: LogOutputChannel;
  /**
   * Registers a command. What it throws is shown once and logged; a cancellation is silent. A command of the manifest
   * must be registered by exactly one feature.
   */
  command(id: string, run: (...args: readonly unknown[]) => unknown): void;
  /** Ends with the extension. */
  own(...disposables: readonly Disposable[]): void;
}

/** A part of the extension that a person would name. Activated in the order of `activate.ts`, before the server runs. */
export interface Feature {
  readonly name: string;
  activate(host: Host): void;
}
