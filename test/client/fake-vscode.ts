import { EventEmitter as NodeEmitter } from 'node:events';
import { URI, Utils } from 'vscode-uri';

/** What an extension did to the editor. */
export interface Witness {
  readonly commands: Map<string, (...args: readonly unknown[]) => unknown>;
  /** Commands that were registered a second time, which VS Code refuses. */
  readonly refused: string[];
  readonly executed: (readonly unknown[])[];
  readonly errors: string[];
  readonly views: Map<string, unknown>;
  /** Panels that were opened, with what was posted to them. */
  readonly panels: FakePanel[];
  readonly serializers: Map<string, unknown>;
  /** Edits of the workspace that were applied. */
  readonly edits: (readonly unknown[])[];
  /** Says that a document was changed. */
  readonly changed: (uri: string) => void;
  /** Somebody types a line at the beginning of a document. */
  readonly typed: (uri: string) => void;
  /** Files that were written, by their address. */
  readonly written: Map<string, string>;
  /** What the person does when asked. */
  readonly person: {
    pick?: (items: readonly { readonly label: string }[]) => unknown;
    saveAt?: string;
  };
  /** Context keys as they were set last. */
  readonly context: Map<string, unknown>;
  /** The Testing view: what became of its tests, in words, and a way to run all of them. */
  readonly testing: FakeTesting;
  readonly statusBar: { text: string; shown: boolean };
}

export interface FakePanel {
  title: string;
  readonly options: unknown;
  readonly posted: unknown[];
  readonly html: () => string;
  /** Speaks as the view. */
  readonly say: (message: unknown) => void;
  /** Somebody closes it. */
  readonly close: () => void;
  readonly panel: unknown;
}

export interface FakeTesting {
  readonly log: string[];
  runTests: () => Promise<unknown>;
}

interface FakeTestItem {
  readonly id: string;
  readonly label: string;
  readonly uri: unknown;
  readonly children: FakeTestItems;
  parent?: FakeTestItem;
}

class FakeTestItems extends Map<string, FakeTestItem> {
  readonly #parent: FakeTestItem | undefined;
  constructor(parent?: FakeTestItem) {
    super();
    this.#parent = parent;
  }
  add(item: FakeTestItem): void {
    if (this.#parent !== undefined) item.parent = this.#parent;
    this.set(item.id, item);
  }
  replace(items: readonly FakeTestItem[]): void {
    this.clear();
    for (const item of items) this.add(item);
  }
}

class TestMessage {
  location: unknown;
  static diff(): TestMessage {
    return new TestMessage();
  }
}

/** A controller of tests whose runs write down what became of each. */
function fakeTestController(testing: FakeTesting): object {
  const { log } = testing;
  const said = (what: string) => (test: FakeTestItem) => void log.push(`${what} ${test.label}`);
  const run = { appendOutput: () => undefined, end: () => void log.push('end') };
  const outcomes = ['enqueued', 'started', 'passed', 'failed', 'errored', 'skipped'];
  return {
    dispose: () => undefined,
    items: new FakeTestItems(),
    createTestItem(id: string, label: string, uri: unknown): FakeTestItem {
      const item = { id, label, uri } as FakeTestItem & { children: FakeTestItems };
      item.children = new FakeTestItems(item);
      return item;
    },
    createRunProfile(_label: string, _kind: number, handler: (request: object, token: object) => Promise<unknown>) {
      testing.runTests = () => handler({}, { isCancellationRequested: false });
      return {};
    },
    createTestRun: () => ({ ...run, ...Object.fromEntries(outcomes.map((what) => [what, said(what)])) }),
    invalidateTestResults: (items: readonly FakeTestItem[]) => items.forEach(said('outdated')),
  };
}

const nothing = { dispose: () => undefined };
const noEvent = () => nothing;

class EventEmitter<T> {
  readonly #emitter = new NodeEmitter();
  readonly event = (listener: (value: T) => void) => {
    this.#emitter.on('event', listener);
    return { dispose: () => void this.#emitter.off('event', listener) };
  };
  fire(value: T): void {
    this.#emitter.emit('event', value);
  }
  dispose(): void {
    this.#emitter.removeAllListeners();
  }
}

class CancellationTokenSource {
  readonly #emitter = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#emitter.event };
  cancel(): void {
    if (this.token.isCancellationRequested) return;
    this.token.isCancellationRequested = true;
    this.#emitter.fire();
  }
  dispose(): void {
    this.#emitter.dispose();
  }
}

class WorkspaceEdit {
  readonly changes: (readonly unknown[])[] = [];
  replace(...change: readonly unknown[]): void {
    this.changes.push(change);
  }
}

class Range {
  readonly numbers: readonly number[];
  constructor(...numbers: readonly number[]) {
    this.numbers = numbers;
  }
}

/** A panel with a webview, seen from both sides. */
export function fakePanel(title: string, options: unknown = {}): FakePanel {
  const messages = new EventEmitter<unknown>();
  const posted: unknown[] = [];
  const webview = {
    html: '',
    options: {},
    cspSource: 'https://views.example',
    asWebviewUri: (uri: URI) => uri,
    onDidReceiveMessage: messages.event,
    postMessage: async (message: unknown) => posted.push(message),
  };
  const closed = new EventEmitter<void>();
  const panel = { title, webview, reveal() {}, dispose: () => closed.fire(), onDidDispose: closed.event };
  return {
    get title() {
      return panel.title;
    },
    options,
    posted,
    html: () => webview.html,
    say: (message) => messages.fire(message),
    close: () => closed.fire(),
    panel,
  };
}

/** A class for everything of the API that the language client extends or counts on, and that no test looks at. */
class Anything {
  dispose(): void {}
}
const anything = new Proxy(Anything, {
  get: (target, key) => (key in target ? Reflect.get(target, key) : typeof key === 'symbol' ? undefined : String(key)),
});

/** The part of VS Code's API that the extension touches while it starts and runs commands, and a record of it. */
export function fakeVscode(texts: ReadonlyMap<string, string> = new Map()): {
  readonly api: object;
  readonly witness: Witness;
} {
  const documentChanged = new EventEmitter<unknown>();
  const witness: Witness = {
    commands: new Map(),
    refused: [],
    executed: [],
    errors: [],
    views: new Map(),
    panels: [],
    serializers: new Map(),
    edits: [],
    changed: (uri) => documentChanged.fire({ document: document(URI.parse(uri)), contentChanges: [] }),
    typed: (uri) => {
      const contentChanges = [{ rangeOffset: 0, rangeLength: 0, text: '\n' }];
      documentChanged.fire({ document: document(URI.parse(uri)), contentChanges });
    },
    testing: { log: [], runTests: async () => undefined },
    written: new Map(),
    person: {},
    context: new Map(),
    statusBar: Object.assign(
      { ...nothing, text: '', shown: false },
      {
        show() {
          witness.statusBar.shown = true;
        },
        hide() {
          witness.statusBar.shown = false;
        },
      },
    ),
  };
  const channel = {
    ...nothing,
    show() {},
    error() {},
    warn() {},
    info() {},
    debug() {},
    trace() {},
    logLevel: 3,
    onDidChangeLogLevel: noEvent,
  };
  const document = (uri: URI) => ({
    uri,
    languageId: 'pcie',
    version: 1,
    getText: () => texts.get(uri.toString()) ?? '',
  });
  const editors = [...texts.keys()].map((uri) => ({
    document: document(URI.parse(uri)),
    selection: { active: { line: 0, character: 0 } },
    setDecorations() {},
  }));
  const api: Record<string, unknown> = {
    EventEmitter,
    CancellationTokenSource,
    Uri: Object.assign(URI, { joinPath: Utils.joinPath }),
    commands: {
      registerCommand(id: string, run: (...args: readonly unknown[]) => unknown) {
        if (witness.commands.has(id)) witness.refused.push(id);
        witness.commands.set(id, run);
        return nothing;
      },
      async executeCommand(...args: readonly unknown[]) {
        witness.executed.push(args);
        const [id, key, value] = args;
        if (id === 'setContext') witness.context.set(String(key), value);
      },
    },
    window: {
      createOutputChannel: () => channel,
      createTextEditorDecorationType: () => nothing,
      registerWebviewViewProvider(id: string, provider: unknown) {
        witness.views.set(id, provider);
        return nothing;
      },
      registerWebviewPanelSerializer(id: string, serializer: unknown) {
        witness.serializers.set(id, serializer);
        return nothing;
      },
      createWebviewPanel(_id: string, title: string, _place: unknown, options: unknown) {
        const made = fakePanel(title, options);
        witness.panels.push(made);
        return made.panel;
      },
      showTextDocument: async (shown: unknown) => editors.find((editor) => editor.document === shown) ?? editors[0],
      onDidChangeTextEditorSelection: noEvent,
      async showErrorMessage(message: string) {
        witness.errors.push(message);
      },
      setStatusBarMessage: () => nothing,
      createStatusBarItem: () => witness.statusBar,
      showQuickPick: async (items: readonly { readonly label: string }[]) => witness.person.pick?.(items),
      showSaveDialog: async () => (witness.person.saveAt === undefined ? undefined : URI.parse(witness.person.saveAt)),
      onDidChangeVisibleTextEditors: noEvent,
      onDidChangeActiveTextEditor: noEvent,
      registerTreeDataProvider(id: string, provider: unknown) {
        witness.views.set(id, provider);
        return nothing;
      },
      visibleTextEditors: editors,
      tabGroups: { all: [], activeTabGroup: undefined },
      activeTextEditor: editors[0],
      async withProgress(_options: unknown, run: (bar: unknown, token: unknown) => unknown) {
        return run({ report() {} }, new CancellationTokenSource().token);
      },
    },
    workspace: {
      workspaceFolders: undefined,
      textDocuments: editors.map((editor) => editor.document),
      openTextDocument: async (uri: URI) => document(uri),
      asRelativePath: (uri: URI) => Utils.basename(uri),
      onDidChangeTextDocument: documentChanged.event,
      onDidOpenTextDocument: noEvent,
      registerTextDocumentContentProvider: () => nothing,
      onDidSaveTextDocument: noEvent,
      onDidCloseTextDocument: noEvent,
      createFileSystemWatcher: () => ({ ...nothing, onDidCreate: noEvent, onDidDelete: noEvent }),
      async applyEdit(edit: { readonly changes: readonly (readonly unknown[])[] }) {
        witness.edits.push(...edit.changes);
        return true;
      },
      onDidChangeConfiguration: noEvent,
      getConfiguration: () => ({ get: (_key: string, fallback: unknown) => fallback }),
      fs: {
        async writeFile(uri: URI, bytes: Uint8Array) {
          witness.written.set(uri.toString(), new TextDecoder().decode(bytes));
        },
      },
    },
    tests: {
      createTestController: () => fakeTestController(witness.testing),
    },
    lm: { registerTool: () => nothing },
    languages: {
      createLanguageStatusItem: () => ({ ...nothing }),
      onDidChangeDiagnostics: noEvent,
      getDiagnostics: () => [],
    },
    TestMessage,
    TestRunProfileKind: { Run: 1 },
    DiagnosticSeverity: { Error: 0, Warning: 1 },
    StatusBarAlignment: { Left: 1 },
    LanguageStatusSeverity: { Information: 0, Warning: 1, Error: 2 },
    ProgressLocation: { Notification: 15 },
    WorkspaceEdit,
    Range,
    Disposable: { from: () => nothing },
  };
  return {
    api: new Proxy(api, { get: (target, key) => (Reflect.has(target, key) ? Reflect.get(target, key) : anything) }),
    witness,
  };
}
