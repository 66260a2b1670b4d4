import { commands, type Disposable, type ExtensionContext, type LogOutputChannel, window } from 'vscode';
import { Comparisons } from './comparisons.ts';
import { isCancellation, messageOf } from './errors.ts';
import type { Host } from './feature.ts';
import { RunBook } from './run-book.ts';
import type { Server } from './server.ts';

/** Makes what the features are given. */
export function createHost(context: ExtensionContext, server: Server, log: LogOutputChannel): Host {
  return {
    context,
    server,
    log,
    runs: new RunBook(),
    comparisons: new Comparisons(),
    own: (...disposables: readonly Disposable[]) => void context.subscriptions.push(...disposables),
    command(id, run) {
      const guarded = async (...args: readonly unknown[]): Promise<unknown> => {
        try {
          return await run(...args);
        } catch (error) {
          if (!isCancellation(error)) await report(log, id, error);
          return undefined;
        }
      };
      context.subscriptions.push(commands.registerCommand(id, guarded));
    },
  };
}

/** Logs an error and shows it with a way to the log. Does not wait for the button. */
async function report(log: LogOutputChannel, id: string, error: unknown): Promise<void> {
  log.error(`${id} failed.`, error instanceof Error ? error : String(error));
  const showLog = 'Show Log';
  window.showErrorMessage(messageOf(error), showLog).then(
    (choice) => choice === showLog && log.show(true),
    () => undefined,
  );
}
