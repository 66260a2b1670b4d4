import {
  commands,
  Position,
  Range,
  Selection,
  TextEditorRevealType,
  Uri,
  ViewColumn,
  type WebviewPanel,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import type { DiagramAction } from '../../../server/diagram/diagram.types.ts';
import {
  ChangeDiagram,
  DiagramNodesAt,
  DiagramPlace,
  Path,
  UnwatchDiagram,
  WatchDiagram,
  type WatchedChange,
  type WatchedDiagram,
  type WireLocation,
} from '../../../server/protocol.ts';
import { isCancellation, messageOf } from '../../core/errors.ts';
import type { Host } from '../../core/feature.ts';
import { fileOf, fillPanel, type TextPanel } from '../../core/text-panels.ts';
import { type FromView, readFromView, type ToView } from '../../views/diagram/messages.ts';
import { savePicture } from './save.ts';

/** What is selected in the text comes back within this, or not at all. */
const echoMilliseconds = 1000;

/** The picture of one document, beside its text. */
export class DiagramPanel implements TextPanel {
  readonly uri: string;
  readonly panel: WebviewPanel;
  readonly #host: Host;
  #machine: string | null;
  #gone = false;
  /**
   * A place that the picture itself selects in the text: it does not come back as a selection, nor does where the cursor
   * was until then.
   */
  #told: { readonly uri: string; readonly position: Position; readonly until: number } | null = null;
  /** Counts what the picture selected: answers to questions from before are out of date. */
  #turn = 0;
  /** Where the cursor was last; the question that is under way takes the newest. */
  #cursor: { readonly uri: string; readonly position: Position } | null = null;
  #asking = false;
  /** What the view has marked. */
  #marked = '';
  /** The first picture, asked for while the page is loaded; null when it was shown or is out of date. */
  #first: { readonly machine: string | null; readonly watched: Promise<WatchedDiagram | null> } | null = null;

  constructor(host: Host, panel: WebviewPanel, uri: string, machine: string | null) {
    this.#host = host;
    this.panel = panel;
    this.uri = uri;
    this.#machine = machine;
    panel.onDidDispose(() => {
      this.#gone = true;
      this.#host.server.notify(UnwatchDiagram, { uri });
    });
    fillPanel(
      host,
      panel,
      { bundle: 'diagram', title: 'PCIe topology', images: true, wasm: true },
      readFromView,
      (message) => this.#answer(message),
      (text) => this.#post({ kind: 'message', text, failed: true }),
    );
    this.#first = { machine, watched: this.#ask(machine) };
    // Said when the page asks.
    this.#first.watched.catch(() => undefined);
  }

  /** Marks how another machine differs from this one. */
  compared(): void {
    const differences = this.#host.comparisons.of(this.uri);
    if (differences !== null) this.#post({ kind: 'differences', differences });
  }

  show(machine: string | null): void {
    if (machine !== null && machine !== this.#machine) {
      this.#machine = machine;
      void this.watch();
    }
    this.panel.reveal(undefined, false);
  }

  /** Asks for the picture from nothing; what becomes of it is told by the server from then on. */
  async watch(): Promise<void> {
    if (this.#gone) return;
    const asked = this.#machine;
    const first = this.#first?.machine === asked ? this.#first.watched : null;
    this.#first = null;
    try {
      const watched = await (first ?? this.#ask(asked));
      // Another machine was chosen meanwhile.
      if (asked === this.#machine && !this.#gone) this.#show(watched);
    } catch (error) {
      if (!isCancellation(error)) this.#post({ kind: 'gone', message: messageOf(error) });
    }
  }

  async #ask(machine: string | null): Promise<WatchedDiagram | null> {
    await workspace.openTextDocument(Uri.parse(this.uri));
    // Nobody would take it back.
    if (this.#gone) return null;
    return this.#host.server.request(WatchDiagram, { uri: this.uri, name: machine });
  }

  #show(watched: WatchedDiagram | null): void {
    if (watched === null) {
      this.#post({ kind: 'gone', message: 'The text has no machine now.' });
      return;
    }
    const { step, diagram } = watched;
    this.#named(diagram.machine);
    this.#post({ kind: 'diagram', file: fileOf(this.uri), step, diagram });
  }

  /** What became of the picture. It is handed on as it is: nothing here reads it. */
  follow({ step, now }: WatchedChange): void {
    // The page is not there yet, and what was asked for it is out of date.
    if (this.#first !== null) {
      this.#first = null;
      return;
    }
    if (now === null) this.#show(null);
    else if ('diagram' in now) this.#show({ step, diagram: now.diagram });
    else {
      if (now.update.machine !== undefined) this.#named(now.update.machine);
      this.#post({ kind: 'update', step, update: now.update });
    }
  }

  #named(machine: string): void {
    this.#machine = machine;
    this.panel.title = `${machine}: topology`;
  }

  /** The cursor moved in a text: what it is in is shown. */
  selected(uri: string, position: Position): void {
    const told = this.#told;
    if (told !== null && Date.now() < told.until) {
      if (told.uri === uri && told.position.isEqual(position)) this.#told = null;
      return;
    }
    this.#told = null;
    this.#cursor = { uri, position };
    if (!this.#asking) void this.#mark();
  }

  async #mark(): Promise<void> {
    this.#asking = true;
    try {
      for (let at = this.#cursor; at !== null && !this.#gone; at = this.#cursor) {
        this.#cursor = null;
        const turn = this.#turn;
        const subject = { uri: this.uri, name: this.#machine };
        const names = await this.#host.server.request(DiagramNodesAt, { ...subject, at });
        if (turn !== this.#turn || names.length === 0 || names.join(' ') === this.#marked) continue;
        this.#marked = names.join(' ');
        this.#post({ kind: 'select', names });
      }
    } catch (error) {
      // A text that cannot be asked marks nothing.
      if (!isCancellation(error)) this.#host.log.debug(messageOf(error));
    } finally {
      this.#asking = false;
    }
  }

  #post(message: ToView): void {
    void this.panel.webview.postMessage(message);
  }

  async #answer(message: FromView): Promise<void> {
    const subject = { uri: this.uri, name: this.#machine };
    switch (message.kind) {
      case 'ready':
        await this.watch();
        this.compared();
        break;
      case 'machine':
        this.#machine = message.name;
        await this.watch();
        break;
      case 'reveal':
        await this.#reveal(message.name, message.focus);
        break;
      case 'place':
        await this.#showPlace(new Position(message.line, message.character));
        break;
      case 'path': {
        const { data } = await this.#host.server.request(Path, { ...subject, from: message.from, to: message.to });
        this.#post({ kind: 'path', path: data });
        break;
      }
      case 'change':
        await this.#change(message.action);
        break;
      case 'simulate':
        await commands.executeCommand('pcie.simulateFile', Uri.parse(this.uri));
        break;
      case 'save': {
        const saved = await savePicture(this.uri, this.#machine ?? 'topology', message);
        if (saved !== null) this.#post({ kind: 'message', text: `Saved as ${saved}.`, failed: false });
        break;
      }
    }
  }

  /** Shows a component in the text. Only when asked does the text take the focus. */
  async #reveal(name: string, focus: boolean): Promise<void> {
    const node = { uri: this.uri, name: this.#machine, node: name };
    const found = await this.#host.server.request(DiagramPlace, node);
    if (found === null) return;
    const own = found.place.uri === this.uri;
    const place: WireLocation =
      own || found.usedAt === null || focus ? found.place : { uri: this.uri, range: found.usedAt };
    const document = await workspace.openTextDocument(Uri.parse(place.uri));
    const shown = window.visibleTextEditors.find((editor) => editor.document === document);
    // Without being asked no text is opened that is not there already.
    if (shown === undefined && !focus) return;
    const { start } = place.range;
    const at = new Position(start.line, start.character);
    this.#turn++;
    this.#cursor = null;
    this.#marked = '';
    this.#told = { uri: document.uri.toString(), position: at, until: Date.now() + echoMilliseconds };
    const editor = await window.showTextDocument(document, {
      viewColumn: shown?.viewColumn ?? ViewColumn.One,
      preserveFocus: !focus,
    });
    if (editor.selection.active.isEqual(at)) this.#told = null;
    editor.selection = new Selection(at, at);
    editor.revealRange(new Range(at, at), TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Goes to a place in the document. */
  async #showPlace(at: Position): Promise<void> {
    const document = await workspace.openTextDocument(Uri.parse(this.uri));
    const shown = window.visibleTextEditors.find((editor) => editor.document === document);
    const viewColumn = shown?.viewColumn ?? ViewColumn.One;
    const editor = await window.showTextDocument(document, { viewColumn, selection: new Range(at, at) });
    editor.revealRange(new Range(at, at), TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Changes the text as one step that can be undone. A text that has moved on meanwhile is asked again. */
  async #change(action: DiagramAction): Promise<void> {
    const subject = { uri: this.uri, name: this.#machine };
    for (let attempt = 0; attempt < 3; attempt++) {
      const change = await this.#host.server.request(ChangeDiagram, { ...subject, action });
      const uri = Uri.parse(change.uri);
      const document = await workspace.openTextDocument(uri);
      if (document.version !== change.version) continue;
      const edit = new WorkspaceEdit();
      for (const { range, newText } of change.edits) {
        const { start, end } = range;
        edit.replace(uri, new Range(start.line, start.character, end.line, end.character), newText);
      }
      if (!(await workspace.applyEdit(edit))) throw new Error('The text could not be changed: it is read-only.');
      this.#post({ kind: 'message', text: `${change.title}. Undo in the text takes it back.`, failed: false });
      return;
    }
    throw new Error('The text changes too fast: try again.');
  }
}
