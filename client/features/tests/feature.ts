import {
  type CancellationToken,
  type Disposable,
  Location,
  Range,
  type TestController,
  type TestItem,
  TestMessage,
  type TestRun,
  TestRunProfileKind,
  TestRunRequest,
  tests,
  type Uri,
  workspace,
} from 'vscode';
import { type RunRecord, Simulate, type WireRange, type WorkItem, WorkItems } from '../../../server/protocol.ts';
import { recordSummary } from '../../../server/runs/summary.ts';
import type { Feature, Host } from '../../core/feature.ts';
import { machineFiles } from '../../core/machine-files.ts';
import { verdictsOf } from './verdicts.ts';

/** Every `expect` is a test: by file, by piece of work, by line. */
export const expectationTests: Feature = {
  name: 'tests',
  activate(host) {
    const controller = tests.createTestController('pcie.expectations', 'PCIe Expectations');
    const explorer = new TestExplorer(host, controller);
    controller.resolveHandler = (item) => explorer.resolve(item);
    controller.refreshHandler = () => explorer.findFiles();
    const profile = controller.createRunProfile(
      'Simulate',
      TestRunProfileKind.Run,
      (request, token) => explorer.run(request, token),
      true,
    );
    profile.supportsContinuousRun = true;
    // What was open before nobody is told of again.
    for (const document of workspace.textDocuments) {
      if (document.languageId === 'pcie') void explorer.refresh(document.uri);
    }
    host.own(
      controller,
      workspace.onDidOpenTextDocument((document) => {
        if (document.languageId === 'pcie') void explorer.refresh(document.uri);
      }),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document.languageId === 'pcie' && contentChanges.length > 0) explorer.edited(document.uri);
      }),
      // What was simulated of another text is no outcome of this one.
      host.runs.onDidChange((change) => {
        if (change.kind === 'changed') explorer.outdate(change.runs.map(({ record }) => record));
      }),
      explorer,
      ...explorer.watch(),
      workspace.onDidSaveTextDocument((document) => {
        if (document.languageId === 'pcie') void explorer.saved(document.uri);
      }),
    );
  },
};

const rangeOf = ({ start, end }: WireRange) => new Range(start.line, start.character, end.line, end.character);

/** How long nothing is typed before the tests of a file are read again. */
const restMilliseconds = 500;

class TestExplorer implements Disposable {
  readonly #host: Host;
  readonly #controller: TestController;
  /** What a test item stands for: a piece of work by name. */
  readonly #work = new WeakMap<TestItem, string>();
  /** Where an expectation stands in its text. */
  readonly #offsets = new WeakMap<TestItem, number>();
  readonly #continuous = new Set<{ readonly request: TestRunRequest; readonly token: CancellationToken }>();

  /** Files that somebody types in, with what reads them when they rest. */
  readonly #edited = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(host: Host, controller: TestController) {
    this.#host = host;
    this.#controller = controller;
  }

  async resolve(item: TestItem | undefined): Promise<void> {
    if (item === undefined) await this.findFiles();
    else if (item.uri !== undefined) await this.refresh(item.uri);
  }

  /** All files of the workspace; what is in them is asked for when somebody looks. */
  async findFiles(): Promise<void> {
    for (const uri of await machineFiles(mostFiles)) this.#file(uri);
  }

  /** Follows files that come and go. */
  watch(): Disposable[] {
    const watcher = workspace.createFileSystemWatcher('**/*.pcie', false, true, false);
    const isOurs = (uri: Uri) => !/\/node_modules\//.test(uri.path);
    return [
      watcher,
      watcher.onDidCreate((uri) => void (isOurs(uri) && this.refresh(uri))),
      watcher.onDidDelete((uri) => this.#controller.items.delete(uri.toString())),
    ];
  }

  /** Reads the work of a file again. A file without expectations is no test. */
  async refresh(uri: Uri): Promise<void> {
    let items: readonly WorkItem[];
    try {
      items = (await this.#host.server.request(WorkItems, { uri: uri.toString() })).filter(
        ({ expectations }) => expectations.length > 0,
      );
    } catch {
      return; // not a document that the server knows
    }
    if (items.length === 0) {
      this.#controller.items.delete(uri.toString());
      return;
    }
    const file = this.#file(uri);
    file.children.replace(
      items.map((work) => {
        const group = this.#controller.createTestItem(`${uri.toString()}#${work.name}`, work.name, uri);
        group.range = rangeOf(work.range);
        group.description = work.kind;
        this.#work.set(group, work.name);
        group.children.replace(
          work.expectations.map((expectation, index) => {
            const test = this.#controller.createTestItem(`${group.id}#${index}`, expectation.text, uri);
            test.range = rangeOf(expectation.range);
            this.#offsets.set(test, expectation.offset);
            return test;
          }),
        );
        return group;
      }),
    );
  }

  /** The text says something else now; what is expected of it is read when nobody types any more. */
  edited(uri: Uri): void {
    const key = uri.toString();
    clearTimeout(this.#edited.get(key));
    this.#edited.set(
      key,
      setTimeout(() => void this.#catchUp(uri), restMilliseconds),
    );
  }

  /** Reads a file again that was edited since it was read: its expectations may stand elsewhere. */
  async #catchUp(uri: Uri): Promise<void> {
    const key = uri.toString();
    clearTimeout(this.#edited.get(key));
    if (this.#edited.delete(key)) await this.refresh(uri);
  }

  /** Outcomes that are no longer those of the text are shown as such. */
  outdate(records: readonly RunRecord[]): void {
    const items = records
      .filter(({ stale }) => stale)
      .map(({ uri, name }) => this.#controller.items.get(uri)?.children.get(`${uri}#${name ?? ''}`))
      .filter((item) => item !== undefined);
    if (items.length > 0) this.#controller.invalidateTestResults(items);
  }

  dispose(): void {
    for (const timer of this.#edited.values()) clearTimeout(timer);
  }

  async saved(uri: Uri): Promise<void> {
    await this.refresh(uri);
    for (const { request, token } of this.#continuous) {
      const file = this.#controller.items.get(uri.toString());
      const isWanted =
        request.include === undefined || request.include.some((item) => item.uri?.toString() === uri.toString());
      if (file !== undefined && isWanted)
        await this.#runItems(new TestRunRequest([file], request.exclude, request.profile), token);
    }
  }

  async run(request: TestRunRequest, token: CancellationToken): Promise<void> {
    if (request.continuous === true) {
      const entry = { request, token };
      this.#continuous.add(entry);
      token.onCancellationRequested(() => this.#continuous.delete(entry));
      return;
    }
    await this.#runItems(request, token);
  }

  async #runItems(request: TestRunRequest, token: CancellationToken): Promise<void> {
    const run = this.#controller.createTestRun(request);
    try {
      const chosen = request.include ?? [...this.#controller.items].map(([, item]) => item);
      const works = await this.#asTheyAreNow([...(await this.#workOf(chosen, request.exclude ?? []))]);
      for (const { children } of works) for (const [, test] of children) run.enqueued(test);
      for (const work of works) {
        if (token.isCancellationRequested) break;
        await this.#runWork(run, work, token);
      }
    } finally {
      run.end();
    }
  }

  /** The pieces of work that the chosen items are about, each once. */
  async #workOf(chosen: readonly TestItem[], excluded: readonly TestItem[]): Promise<ReadonlySet<TestItem>> {
    const found = new Set<TestItem>();
    const visit = async (item: TestItem): Promise<void> => {
      if (excluded.includes(item)) return;
      if (this.#work.has(item)) found.add(item);
      else if (item.parent !== undefined && this.#work.has(item.parent)) found.add(item.parent);
      else {
        if (item.children.size === 0 && item.uri !== undefined) await this.refresh(item.uri);
        for (const [, child] of item.children) await visit(child);
      }
    };
    for (const item of chosen) await visit(item);
    return found;
  }

  /** The same items after the files that are being edited were read again. */
  async #asTheyAreNow(items: readonly TestItem[]): Promise<readonly TestItem[]> {
    const uris = new Map(items.flatMap(({ uri }) => (uri === undefined ? [] : [[uri.toString(), uri]])));
    for (const uri of uris.values()) await this.#catchUp(uri);
    return items.map((item) => this.#controller.items.get(item.uri?.toString() ?? '')?.children.get(item.id) ?? item);
  }

  async #runWork(run: TestRun, item: TestItem, token: CancellationToken): Promise<void> {
    const { uri } = item;
    const name = this.#work.get(item);
    if (uri === undefined || name === undefined) return;
    const all = [...item.children].map(([, test]) => test);
    for (const test of all) run.started(test);
    let record: RunRecord;
    try {
      record = await this.#host.server.request(Simulate, { uri: uri.toString(), name }, token);
    } catch (error) {
      const message = new TestMessage(error instanceof Error ? error.message : String(error));
      for (const test of all) {
        if (token.isCancellationRequested) run.skipped(test);
        else run.errored(test, message);
      }
      return;
    }
    this.#host.runs.add(record, 'unasked');
    run.appendOutput(`${name}: ${recordSummary(record)}\r\n`);
    const verdicts = verdictsOf(record);
    const milliseconds = (record.elapsedSeconds * 1000) / Math.max(1, all.length);
    for (const test of all) {
      const verdict = verdicts.get(this.#offsets.get(test) ?? -1);
      if (verdict === undefined) run.skipped(test);
      else if (verdict.passed) run.passed(test, milliseconds);
      else {
        const message = TestMessage.diff(verdict.message, verdict.expected, verdict.actual);
        if (test.range !== undefined) message.location = new Location(uri, test.range);
        run.failed(test, message, milliseconds);
      }
    }
  }

  #file(uri: Uri): TestItem {
    const id = uri.toString();
    const known = this.#controller.items.get(id);
    if (known !== undefined) return known;
    const item = this.#controller.createTestItem(id, workspace.asRelativePath(uri), uri);
    item.canResolveChildren = true;
    this.#controller.items.add(item);
    return item;
  }
}

/** A workspace with more files is searched as far as this. */
const mostFiles = 2000;
