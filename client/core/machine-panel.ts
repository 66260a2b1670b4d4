import {
  env,
  Range,
  Selection,
  TextEditorRevealType,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import { Locate, Machines, Path, type Subject } from '../../server/protocol.ts';
import { type FromView, readFromView, readKept, type ToView } from '../views/machine-view/messages.ts';
import { isCancellation, messageOf } from './errors.ts';
import type { Host } from './feature.ts';
import { fileOf, fillPanel, type TextPanel, TextPanels } from './text-panels.ts';

/** How long the text rests before a view is filled anew: shorter than a pause between words. */
const restMilliseconds = 300;

/** A view of one machine, beside its text. */
export interface MachineView<D> {
  readonly viewType: string;
  readonly command: string;
  /** Of the panel, behind the name of the machine. */
  readonly title: string;
  /** Name of the script and of the style sheet in `dist/views`. */
  readonly bundle: string;
  /** What the view shows. Rejects where the machine cannot be asked. */
  ask(subject: Subject): Promise<D>;
}

/** Registers a view: its command opens one panel for each document, which follows its text. */
export function showMachineView<D>(host: Host, view: MachineView<D>): void {
  const panels = new TextPanels(host, {
    viewType: view.viewType,
    command: view.command,
    title: view.title,
    find: true,
    readKept,
    make: (panel, uri, machine) => new MachinePanel(host, view, panel, uri, machine),
  });
  const changed = (): void => {
    for (const panel of panels.all) panel.changed();
  };
  host.own(
    workspace.onDidChangeTextDocument(({ document }) => {
      // Any text may be imported by any other.
      if (document.languageId === 'pcie') changed();
    }),
    host.server.onDidChangeState((state) => {
      if (state === 'running') changed();
    }),
  );
}

/** What of a machine a view shows. */
interface Shown<D> {
  readonly machine: string;
  readonly machines: readonly string[];
  readonly data: D;
}

class MachinePanel<D> implements TextPanel {
  readonly uri: string;
  readonly panel: WebviewPanel;
  readonly #host: Host;
  readonly #view: MachineView<D>;
  #machine: string | null;
  #asked = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** What is shown first, asked for while the page is loaded; null when it was shown or is out of date. */
  #first: Promise<Shown<D> | null> | null = null;

  constructor(host: Host, view: MachineView<D>, panel: WebviewPanel, uri: string, machine: string | null) {
    this.#host = host;
    this.#view = view;
    this.panel = panel;
    this.uri = uri;
    this.#machine = machine;
    panel.onDidDispose(() => {
      clearTimeout(this.#rest);
      this.#asked = Number.POSITIVE_INFINITY;
    });
    fillPanel(
      host,
      panel,
      { bundle: view.bundle, title: view.title },
      readFromView,
      (message) => this.#answer(message),
      (text) => this.#post({ kind: 'message', text, failed: true }),
    );
    this.#first = this.#ask();
    // Said when the page asks.
    this.#first.catch(() => undefined);
  }

  /** Asks again when the text has rested. */
  changed(): void {
    this.#first = null;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#refresh(), restMilliseconds);
  }

  show(machine: string | null): void {
    if (machine !== null && machine !== this.#machine) {
      this.#first = null;
      this.#machine = machine;
      void this.#refresh();
    }
    this.panel.reveal(undefined, false);
  }

  /** An answer that a newer question has overtaken is dropped. */
  async #refresh(): Promise<void> {
    const asked = ++this.#asked;
    const first = this.#first;
    this.#first = null;
    try {
      const shown = await (first ?? this.#ask());
      if (asked !== this.#asked) return;
      if (shown === null) {
        this.#post({ kind: 'gone', message: 'The text has no machine now.' });
        return;
      }
      this.#machine = shown.machine;
      this.panel.title = `${shown.machine}: ${this.#view.title.toLowerCase()}`;
      this.#post({ kind: 'show', file: fileOf(this.uri), uri: this.uri, ...shown });
    } catch (error) {
      if (asked === this.#asked && !isCancellation(error)) this.#post({ kind: 'gone', message: messageOf(error) });
    }
  }

  async #ask(): Promise<Shown<D> | null> {
    await workspace.openTextDocument(Uri.parse(this.uri));
    const machines = (await this.#host.server.request(Machines, { uri: this.uri })).map(({ name }) => name);
    // A machine that got another name is most likely still the first.
    const machine = machines.find((name) => name === this.#machine) ?? machines[0];
    if (machine === undefined) return null;
    return { machine, machines, data: await this.#view.ask({ uri: this.uri, name: machine }) };
  }

  #post(message: ToView<D>): void {
    void this.panel.webview.postMessage(message);
  }

  async #answer(message: FromView): Promise<void> {
    switch (message.kind) {
      case 'ready':
        await this.#refresh();
        break;
      case 'machine':
        this.#first = null;
        this.#machine = message.name;
        await this.#refresh();
        break;
      case 'reveal':
        await this.#reveal(message.name);
        break;
      case 'path': {
        const { from, to } = message;
        const subject = { uri: this.uri, name: this.#machine };
        const { data } = await this.#host.server.request(Path, { ...subject, from, to });
        this.#post({ kind: 'path', path: data });
        break;
      }
      case 'copy':
        await env.clipboard.writeText(message.text);
        this.#post({ kind: 'message', text: 'Copied.', failed: false });
        break;
    }
  }

  /** Shows a component in its text: where that is open, else beside the view. */
  async #reveal(name: string): Promise<void> {
    const location = await this.#host.server.request(Locate, { uri: this.uri, name });
    if (location === null) {
      this.#post({ kind: 'message', text: `${name} has no place of its own in the text.`, failed: true });
      return;
    }
    const document = await workspace.openTextDocument(Uri.parse(location.uri));
    const shown = window.visibleTextEditors.find((editor) => editor.document === document);
    const editor = await window.showTextDocument(document, { viewColumn: shown?.viewColumn ?? ViewColumn.One });
    const { start, end } = location.range;
    const range = new Range(start.line, start.character, end.line, end.character);
    editor.selection = new Selection(range.start, range.end);
    editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
  }
}
