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
import type { Diagram, DiagramAction } from '../../../server/diagram/diagram.types.ts';
import { ChangeDiagram, Path, ShowDiagram, type WireLocation } from '../../../server/protocol.ts';
import { isCancellation, messageOf } from '../../core/errors.ts';
import type { Host } from '../../core/feature.ts';
import { fillWebview } from '../../core/webview.ts';
import { type FromView, readFromView, type ToView } from '../../views/diagram/messages.ts';
import { debounced } from './debounce.ts';
import { savePicture } from './save.ts';
import { nodesAt } from './selection.ts';

/** How long the text rests before it is drawn anew: long enough for what is typed or pasted in one go. */
const restMilliseconds = 40;
/** How long findings rest: what is drawn already does not wait for them, and is not made to wait by them. */
const judgedMilliseconds = 150;

/** The picture of one document, beside its text. */
export class DiagramPanel {
  readonly uri: string;
  readonly panel: WebviewPanel;
  readonly #host: Host;
  #machine: string | null;
  #diagram: Diagram | null = null;
  /** What the view shows, as text: what is the same is not drawn again. */
  #shown = '';
  /** Something has changed since the last question. */
  #due = false;
  #asking: Promise<void> | null = null;
  /** A place that the picture itself has just selected in the text: it does not come back as a selection. */
  #told: string | null = null;
  readonly #later = debounced(() => void this.refresh(), restMilliseconds);
  readonly #judged = debounced(() => void this.refresh(), judgedMilliseconds);

  constructor(host: Host, panel: WebviewPanel, uri: string, machine: string | null) {
    this.#host = host;
    this.panel = panel;
    this.uri = uri;
    this.#machine = machine;
    const { extensionUri } = host.context;
    const { webview } = panel;
    webview.onDidReceiveMessage((message: unknown) => {
      const read = readFromView(message);
      if (read !== undefined) void this.#answer(read);
    });
    panel.onDidDispose(() => {
      this.#later.dispose();
      this.#judged.dispose();
    });
    panel.iconPath = {
      light: Uri.joinPath(extensionUri, 'icons', 'pcie-light.svg'),
      dark: Uri.joinPath(extensionUri, 'icons', 'pcie-dark.svg'),
    };
    fillWebview(webview, extensionUri, { bundle: 'diagram', title: 'PCIe topology', images: true });
  }

  /** Draws again when the text has rested. */
  changed(): void {
    this.#later.call();
  }

  /** The rules say something else of the text. */
  judged(): void {
    this.#judged.call();
  }

  /** Marks how another machine differs from this one. */
  compared(): void {
    const differences = this.#host.comparisons.of(this.uri);
    if (differences !== null) this.#post({ kind: 'differences', differences });
  }

  show(machine: string | null): void {
    if (machine !== null && machine !== this.#machine) {
      this.#machine = machine;
      void this.refresh();
    }
    this.panel.reveal(undefined, false);
  }

  /**
   * Asks for the picture. One question at a time: what changes meanwhile is asked for next, so that the picture follows
   * somebody who never stops typing, as fast as it can.
   *
   * @param again also where nothing has changed: the view is new
   */
  async refresh(again = false): Promise<void> {
    if (again) this.#shown = '';
    this.#due = true;
    this.#asking ??= this.#follow().finally(() => {
      this.#asking = null;
    });
    await this.#asking;
  }

  async #follow(): Promise<void> {
    while (this.#due) {
      this.#due = false;
      try {
        await this.#ask();
      } catch (error) {
        if (!isCancellation(error) && !this.#due) this.#gone(messageOf(error));
      }
    }
  }

  #gone(message: string): void {
    if (this.#shown === message) return;
    this.#shown = message;
    this.#post({ kind: 'gone', message });
  }

  async #ask(): Promise<void> {
    await workspace.openTextDocument(Uri.parse(this.uri));
    const asked = this.#machine;
    const named = await this.#host.server.request(ShowDiagram, { uri: this.uri, name: asked });
    // A machine that got another name is most likely still the first.
    const diagram = named ?? (await this.#host.server.request(ShowDiagram, { uri: this.uri, name: null }));
    // Another machine was chosen meanwhile.
    if (asked !== this.#machine) return;
    if (diagram === null) {
      this.#gone('The text has no machine now; this is what it was.');
      return;
    }
    this.#diagram = diagram;
    this.#machine = diagram.machine;
    this.panel.title = `${diagram.machine}: topology`;
    const shown = JSON.stringify({ ...diagram, version: 0 });
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#post({ kind: 'diagram', file: decodeURIComponent(this.uri.slice(this.uri.lastIndexOf('/') + 1)), diagram });
  }

  /** The cursor moved in a text: what it is in is shown. */
  selected(uri: string, position: Position): void {
    const diagram = this.#diagram;
    if (diagram === null) return;
    const names = nodesAt(diagram, uri, position);
    const told = this.#told;
    this.#told = null;
    if (told !== null && names.includes(told)) return;
    if (names.length > 0) this.#post({ kind: 'select', names });
  }

  #post(message: ToView): void {
    void this.panel.webview.postMessage(message);
  }

  async #answer(message: FromView): Promise<void> {
    try {
      await this.#handle(message);
    } catch (error) {
      if (!isCancellation(error)) this.#post({ kind: 'message', text: messageOf(error), failed: true });
    }
  }

  async #handle(message: FromView): Promise<void> {
    const subject = { uri: this.uri, name: this.#machine };
    switch (message.kind) {
      case 'ready':
        await this.refresh(true);
        this.compared();
        break;
      case 'machine':
        this.#machine = message.name;
        await this.refresh();
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
    const node = this.#diagram?.nodes.find((each) => each.name === name);
    if (node === undefined) return;
    const own = node.place.uri === this.uri;
    const place: WireLocation =
      own || node.usedAt === null || focus ? node.place : { uri: this.uri, range: node.usedAt };
    const document = await workspace.openTextDocument(Uri.parse(place.uri));
    const shown = window.visibleTextEditors.find((editor) => editor.document === document);
    // Without being asked no text is opened that is not there already.
    if (shown === undefined && !focus) return;
    const { start } = place.range;
    const editor = await window.showTextDocument(document, {
      viewColumn: shown?.viewColumn ?? ViewColumn.One,
      preserveFocus: !focus,
    });
    const at = new Position(start.line, start.character);
    if (!editor.selection.active.isEqual(at)) this.#told = name;
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
