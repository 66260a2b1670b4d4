import { CancellationTokenSource, commands, window } from 'vscode';
import {
  Compare,
  command,
  type RequestKind,
  RunFinished,
  type RunOptions,
  type RunRecord,
  RunsChanged,
  type RunVariant,
  Simulate,
  type Subject,
  WorkItems,
} from '../../../server/protocol.ts';
import { activeEditor, documentOf } from '../../core/active-document.ts';
import { readArguments } from '../../core/arguments.ts';
import { isCancellation } from '../../core/errors.ts';
import type { Feature, Host } from '../../core/feature.ts';
import { withLateProgress } from '../../core/late-progress.ts';
import { workChoices } from './choices.ts';
import { chooseVariant } from './choose-variant.ts';
import { readVariants } from './variants.ts';

type RunRequest = RequestKind<
  Subject & {
    readonly variants?: readonly [RunVariant, RunVariant];
    readonly options?: RunOptions;
    readonly workDoneToken?: string | number;
  },
  RunRecord
>;

/** Running work: from a lens, from the palette, again; with progress and cancellation. */
export const simulate: Feature = {
  name: 'simulate',
  activate(host) {
    const runner = new Runner(host);
    host.command(command.simulate, (...args) => runner.run(Simulate, 'Simulating', args));
    host.command(command.compare, (...args) => runner.run(Compare, 'Comparing', args));
    host.command('pcie.compareVariant', (...args) => runner.compareVariant(args));
    host.command('pcie.simulateFile', async (...args) => {
      const document = await documentOf(readArguments(args).uri);
      return runner.run(Simulate, 'Simulating', [document.uri.toString(), null]);
    });
    host.command('pcie.runAgain', () => {
      const latest = host.runs.latest?.record;
      if (latest === undefined) throw new Error('Nothing was simulated yet.');
      const compared = latest.variants.length > 1;
      const variants = latest.variants.map(({ variant }) => variant);
      return runner.run(compared ? Compare : Simulate, compared ? 'Comparing' : 'Simulating', [
        latest.uri,
        latest.name,
        ...(compared ? [variants] : []),
      ]);
    });
    host.command('pcie.cancelRun', () => runner.cancelAll());
    host.own(
      { dispose: () => runner.cancelAll() },
      host.server.on(RunFinished, (record) => void host.runs.add(record)),
      host.server.on(RunsChanged, ({ uri, runs }) => host.runs.mark(uri, runs)),
    );
  },
};

class Runner {
  readonly #host: Host;
  readonly #running = new Map<string, CancellationTokenSource>();

  constructor(host: Host) {
    this.#host = host;
  }

  cancelAll(): void {
    for (const source of this.#running.values()) source.cancel();
  }

  /**
   * Runs what the arguments name, or what the person picks; a third argument says which variants are compared. A run of the
   * same thing that is under way is cancelled.
   */
  async run(request: RunRequest, doing: string, args: readonly unknown[]): Promise<void> {
    const asked = readArguments(args);
    const document = await documentOf(asked.uri);
    const uri = document.uri.toString();
    const name = asked.name === undefined ? await this.#pick(uri) : asked.name;
    if (name === undefined) return;
    const variants = readVariants(args[2]);
    const key = JSON.stringify([request.method, uri, name]);
    this.#running.get(key)?.cancel();
    const source = new CancellationTokenSource();
    this.#running.set(key, source);
    this.#tellRunning();
    const title = `${doing} ${name ?? 'all work'}`;
    const reporter = this.#host.runs.begin(title);
    try {
      const params = { uri, name, ...(variants === undefined ? {} : { variants }) };
      const record = await withLateProgress(title, source, (token, progress) =>
        this.#host.server.requestWithProgress(request, params, token, (fraction) => {
          reporter.progress(fraction);
          progress(fraction);
        }),
      );
      this.#host.runs.add(record);
    } catch (error) {
      if (!isCancellation(error)) throw error;
      window.setStatusBarMessage(`${title} was cancelled.`, 5000);
    } finally {
      reporter.end(source.token.isCancellationRequested ? 'cancelled' : 'done');
      if (this.#running.get(key) === source) this.#running.delete(key);
      source.dispose();
      this.#tellRunning();
    }
  }

  /** Lets the person choose what should be different, and runs both. */
  async compareVariant(args: readonly unknown[]): Promise<void> {
    const asked = readArguments(args);
    const uri = (await documentOf(asked.uri)).uri.toString();
    const name = asked.name === undefined ? await this.#pick(uri) : asked.name;
    if (name === undefined) return;
    const variants = await chooseVariant(this.#host, { uri, name });
    if (variants !== undefined) await this.run(Compare, 'Comparing', [uri, name, variants]);
  }

  /** Null: all work. Undefined: nothing was picked. Throws where there is nothing to pick. */
  async #pick(uri: string): Promise<string | null | undefined> {
    const items = (await this.#host.server.request(WorkItems, { uri })).filter(({ kind }) => kind !== 'machine');
    const editor = activeEditor();
    const cursor = editor?.document.uri.toString() === uri ? editor.selection.active.line : 0;
    const choices = workChoices(items, cursor);
    const [only] = choices;
    if (only === undefined) throw new Error('There is no transfer and no scenario in this file that can run.');
    if (choices.length === 1) return only.name;
    const picked = await window.showQuickPick(choices, { title: 'Simulate', placeHolder: 'What should run?' });
    return picked?.name;
  }

  #tellRunning(): void {
    void commands.executeCommand('setContext', 'pcie.running', this.#running.size > 0);
  }
}
