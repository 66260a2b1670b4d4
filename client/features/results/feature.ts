import { commands, Uri, type WebviewView, type WebviewViewProvider, window, workspace } from 'vscode';
import { CompareRuns, command, LastRun, Locate } from '../../../server/protocol.ts';
import { readArguments } from '../../core/arguments.ts';
import { messageOf } from '../../core/errors.ts';
import type { Feature, Host } from '../../core/feature.ts';
import type { KeptRun, RunChange } from '../../core/run-book.ts';
import { showText } from '../../core/show-text.ts';
import { fillWebview } from '../../core/webview.ts';
import { type FromView, readFromView, type ShownRun, type ToView } from '../../views/results/messages.ts';
import { runChoices, shownRun } from './choices.ts';
import { chooseFormat, saveRun } from './export.ts';
import { keepRuns } from './keep.ts';
import { revealOffsets, revealRange } from './reveal.ts';

const viewId = 'pcie.results';

/** The view of results: the latest run, or one that was chosen. */
export const results: Feature = {
  name: 'results',
  activate(host) {
    const view = new ResultsView(host);
    keepRuns(host);
    host.command('pcie.showResults', () => view.reveal(false));
    host.command(command.showResult, (...args) => view.showLast(args));
    host.command('pcie.openReport', () => view.openReport());
    host.command('pcie.exportRun', async () => {
      const run = view.needCurrent();
      const format = await chooseFormat();
      if (format !== undefined) await saveRun(host, run, format);
    });
    host.own(
      host.runs.onDidChangeRunning(() => view.tellRunning()),
      window.registerWebviewViewProvider(viewId, view),
      host.runs.onDidChange((change) => view.take(change)),
    );
  },
};

class ResultsView implements WebviewViewProvider {
  readonly #host: Host;
  #view: WebviewView | undefined;
  #key: number | undefined;
  #against: ShownRun['against'] = null;

  constructor(host: Host) {
    this.#host = host;
  }

  resolveWebviewView(view: WebviewView): void {
    this.#view = view;
    view.webview.onDidReceiveMessage((message: unknown) => {
      const read = readFromView(message);
      if (read !== undefined) this.#answer(read).catch((error: unknown) => window.showErrorMessage(messageOf(error)));
    });
    view.onDidDispose(() => {
      if (this.#view === view) this.#view = undefined;
    });
    fillWebview(view.webview, this.#host.context.extensionUri, { bundle: 'results', title: 'PCIe results' });
  }

  /** Follows the runs: a new one is shown, and the view comes forward if the settings say so. */
  take(change: RunChange): void {
    if (change.kind === 'added') {
      this.#select(change.run);
      if (change.asked && wantsReveal(change.run)) void this.reveal(true);
    } else if (change.kind === 'restored') this.#show();
    else if (this.#key !== undefined && this.#host.runs.find(this.#key) === undefined) this.#show();
    else this.#post({ kind: 'choices', choices: runChoices(this.#host.runs.all) });
  }

  async reveal(preserveFocus: boolean): Promise<void> {
    if (this.#view !== undefined) this.#view.show(preserveFocus);
    else await commands.executeCommand(`${viewId}.focus`, { preserveFocus });
  }

  /** Shows the last run of what the arguments name, also one from before this window was loaded. */
  async showLast(args: readonly unknown[]): Promise<void> {
    const { uri, name } = readArguments(args);
    if (uri !== undefined && name !== undefined) {
      const known = this.#host.runs.last({ uri, name });
      const record = known?.record ?? (await this.#host.server.request(LastRun, { uri, name }));
      if (record === null) throw new Error('This was not simulated yet.');
      this.#select(known ?? this.#host.runs.add(record));
    }
    await this.reveal(true);
  }

  async openReport(key?: number): Promise<void> {
    const run = key === undefined ? this.needCurrent() : this.#host.runs.find(key);
    if (run === undefined) throw new Error('This run is not kept any more.');
    const document = await workspace.openTextDocument(Uri.parse(run.record.report));
    await showText(document, { preview: true });
  }

  /** The run that is shown. Throws where there is none. */
  needCurrent(): KeptRun {
    const run = this.#current();
    if (run === undefined) throw new Error('Nothing was simulated yet.');
    return run;
  }

  tellRunning(): void {
    const { running, cancelled } = this.#host.runs;
    this.#post({ kind: 'running', runs: running, cancelled });
  }

  #current(): KeptRun | undefined {
    const chosen = this.#key === undefined ? undefined : this.#host.runs.find(this.#key);
    return chosen ?? this.#host.runs.latest;
  }

  #select(run: KeptRun): void {
    if (this.#key !== run.key) this.#against = null;
    this.#key = run.key;
    this.#show();
  }

  #show(): void {
    const run = this.#current();
    void commands.executeCommand('setContext', 'pcie.hasResults', run !== undefined);
    this.#post({
      kind: 'show',
      run: run === undefined ? null : shownRun(run, this.#against),
      choices: runChoices(this.#host.runs.all),
    });
  }

  #post(message: ToView): void {
    void this.#view?.webview.postMessage(message);
  }

  async #answer(message: FromView): Promise<void> {
    if (message.kind === 'ready') {
      this.tellRunning();
      this.#show();
      return;
    }
    if (message.kind === 'cancel') {
      await commands.executeCommand('pcie.cancelRun');
      return;
    }
    const run = this.#host.runs.find(message.key);
    if (run === undefined) return;
    const { uri, name, variants } = run.record;
    switch (message.kind) {
      case 'select':
        this.#select(run);
        break;
      case 'again':
        if (variants.length === 1) await commands.executeCommand(command.simulate, uri, name);
        else {
          const again = variants.map(({ variant }) => variant);
          await commands.executeCommand(command.compare, uri, name, again);
        }
        break;
      case 'variant':
        await commands.executeCommand('pcie.compareVariant', uri, name);
        break;
      case 'against':
        await this.#compareWith(run, message.other);
        break;
      case 'export':
        await saveRun(this.#host, run, message.format);
        break;
      case 'report':
        await this.openReport(run.key);
        break;
      case 'reveal': {
        const location = await this.#host.server.request(Locate, { uri, name: message.name });
        if (location === null) window.setStatusBarMessage(`${message.name} has no place of its own in the text.`, 4000);
        else await revealRange(location);
        break;
      }
      case 'revealExpectation': {
        const result = variants[message.variant]?.result.runs[message.run]?.expectations[message.expectation];
        if (result !== undefined) await revealOffsets(result.range);
        break;
      }
    }
  }

  /** Puts an earlier run beside the one that is shown. */
  async #compareWith(run: KeptRun, key: number | null): Promise<void> {
    const other = key === null ? undefined : this.#host.runs.find(key);
    this.#against =
      other === undefined
        ? null
        : {
            key: other.key,
            comparison: await this.#host.server.request(CompareRuns, { before: other.record.id, after: run.record.id }),
          };
    if (this.#current() === run) this.#show();
  }
}

function wantsReveal({ record }: KeptRun): boolean {
  const when = workspace.getConfiguration('pcie').get<string>('results.reveal', 'always');
  if (when !== 'onFailure') return when === 'always';
  const runs = record.variants.flatMap(({ result }) => result.runs);
  return runs.some((run) => run.expectations.some((expectation) => !expectation.passed));
}
