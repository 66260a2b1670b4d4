import { type LangiumDocuments, URI } from 'langium';
import { type CancellationToken, type Connection, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { PartIndex } from '../formats/observed/parts.ts';
import type { ElaboratedMachine } from '../language/elaborate/elaborated.ts';
import type { Statement } from '../language/generated/ast.ts';
import { partIndexOf } from '../language/print/part-index.ts';
import type { Elaborations } from '../language/services/elaborations.ts';
import { catalogueScheme } from '../language/services/imports.ts';
import { type Change, compareMachines } from '../model/compare/changes.ts';
import { type Description, scopeOfText, scopesOf } from '../model/compare/scope.ts';
import { functionAddress } from '../model/discovery/buses.ts';
import { enumerate } from '../model/discovery/enumerate.ts';
import type { EndpointRef } from '../model/work.ts';
import { describePath, peerMatrix } from '../simulator/path.ts';
import { SimulationCancelled } from '../simulator/simulate.types.ts';
import type { EnumerateJson, GroupsJson, MatrixJson, PathJson, ShowJson } from './contract.types.ts';
import { changeOf, Refused } from './diagram/change.ts';
import type { DiagramAction, DiagramChange } from './diagram/diagram.types.ts';
import { DiagramFeed } from './diagram/feed.ts';
import { nodesAt, placeOfNode } from './diagram/places.ts';
import { nameNodeOf } from './features/symbols.ts';
import { type AddNames, importDumps, importText } from './imports.ts';
import { type Task, withProgress } from './progress.ts';
import {
  type CheckedFile,
  DiagramChanged,
  type DumpSource,
  type ExportedRun,
  type ExportFormat,
  type ImportedText,
  type MachineSource,
  type NodePlace,
  type Report,
  type RunComparison,
  type RunOptions,
  type RunRecord,
  type RunVariant,
  type Settings,
  type Subject,
  type VariantChoice,
  type WireLocation,
  type WireRange,
  type WorkItem,
} from './protocol.ts';
import { changesText } from './reports/changes.ts';
import { enumerateJson, enumerateText } from './reports/enumerate.ts';
import { groupsJson, groupsText } from './reports/groups.ts';
import { matrixText, pathText } from './reports/path.ts';
import { runReport } from './reports/run.ts';
import { showJson, showText } from './reports/show.ts';
import { type ReportSubject, reportUri } from './reports/uri.ts';
import { csvOf, jsonOf } from './runs/export.ts';
import type { RunService } from './runs/service.ts';
import { checkedEntries, workEntries } from './runs/work-items.ts';
import { rangeOf } from './text/ranges.ts';

/** Configuration cycles that a report in the editor lists. */
const mostSteps = 5000;

/** What requests and commands do; they differ only in how they are called. */
export class Operations {
  /** The client shows runs and reports itself. */
  views = false;
  /** Resolves when the documents are as the client last said; set by the host. */
  settled: () => Promise<void> = async () => undefined;
  /** Resolves when everything is known that is found out of a document later, such as what findings cost; set by the host. */
  costsKnown: (uri: string) => Promise<void> = async () => undefined;
  /** Names for devices of imported machines, where the host has a list of them; set by the host. */
  addNames: AddNames = (observed) => observed;
  readonly #connection: Connection | undefined;
  readonly #documents: LangiumDocuments;
  readonly #elaborations: () => Elaborations;
  readonly #runs: RunService;
  readonly #settings: () => Settings;
  /** The pictures that somebody looks at. */
  readonly diagrams: DiagramFeed;

  constructor(
    connection: Connection | undefined,
    documents: LangiumDocuments,
    elaborations: () => Elaborations,
    runs: RunService,
    settings: () => Settings,
  ) {
    this.#connection = connection;
    this.#documents = documents;
    this.#elaborations = elaborations;
    this.#runs = runs;
    this.#settings = settings;
    this.diagrams = new DiagramFeed(
      {
        document: (uri) => documents.getDocument(URI.parse(uri)),
        machines: (document) => elaborations().structures(document).machines,
        runs: (uri) => runs.store.all(uri),
        tax: () => settings().simulation.tax,
      },
      (change) => void connection?.sendNotification(DiagramChanged.method, change),
    );
  }

  simulate(
    subject: Subject,
    options: RunOptions,
    workDoneToken: string | number | undefined,
    token: CancellationToken,
  ): Promise<RunRecord> {
    return this.#run(subject, ['written'], options, workDoneToken, token);
  }

  /** @param variants before and after */
  compare(
    subject: Subject,
    variants: readonly [RunVariant, RunVariant],
    options: RunOptions,
    workDoneToken: string | number | undefined,
    token: CancellationToken,
  ): Promise<RunRecord> {
    return this.#run(subject, variants, options, workDoneToken, token);
  }

  variants(subject: Subject): VariantChoice[] {
    return this.#runs.variants(subject);
  }

  compareRuns(before: number, after: number): RunComparison {
    return this.#runs.compare(before, after);
  }

  /** A kept run as a file. */
  async exportRun(
    id: number,
    format: ExportFormat,
    workDoneToken: string | number | undefined,
    token: CancellationToken,
  ): Promise<ExportedRun> {
    const { record } = this.#runs.kept(id);
    const name = (record.name ?? 'results').replace(/[^\w.-]+/g, '-');
    if (format === 'json') return { fileName: `${name}.json`, text: jsonOf(record) };
    if (format === 'csv') return { fileName: `${name}.csv`, text: csvOf(record) };
    const title = `Tracing ${record.name ?? 'all work'}`;
    const text = await this.#underProgress(title, workDoneToken, token, (task) =>
      this.#runs.trace(id, task.token, task.report),
    );
    return { fileName: `${name}.perfetto.json`, text };
  }

  lastRun(subject: Subject): RunRecord | null {
    return this.#runs.store.last(subject.uri, subject.name);
  }

  restoreRun(record: RunRecord): RunRecord {
    return this.#runs.restore(record);
  }

  runs(uri: string): RunRecord[] {
    return this.#runs.store.all(uri);
  }

  workItems(uri: string): WorkItem[] {
    const document = this.#runs.document(uri);
    return checkedEntries(this.#elaborations().get(document)).map((entry) => {
      const own = entry.expectations.filter(({ origin }) => origin.uri === uri);
      // One line may be expected of several transfers.
      const lines = new Map(own.map((expectation) => [expectation.origin.offset, expectation]));
      return {
        name: entry.name,
        kind: entry.kind,
        range: rangeOf(document, nameNodeOf(entry.node as Statement) ?? { offset: 0, end: 0 }),
        expectations: [...lines]
          .sort(([a], [b]) => a - b)
          .map(([offset, { text, origin }]) => ({ text, offset, range: rangeOf(document, origin) })),
      };
    });
  }

  machines(uri: string): { name: string; range: WireRange }[] {
    const document = this.#runs.document(uri);
    return this.#elaborations()
      .structures(document)
      .machines.map((machine) => ({
        name: machine.machine.name,
        range: rangeOf(document, nameNodeOf(machine.node) ?? { offset: 0, end: 0 }),
      }));
  }

  /** What is wrong with a file, and what it costs, as it is published. */
  async check(uri: string): Promise<CheckedFile> {
    await this.costsKnown(uri);
    const { diagnostics = [] } = this.#runs.document(uri);
    return {
      findings: diagnostics.map(({ code, severity, message, range }) => ({
        code: String(code ?? ''),
        severity: severityNames[(severity ?? 1) - 1] ?? 'error',
        message: String(message),
        range,
      })),
    };
  }

  /** Where a component or a piece of work is declared; a component of a template leads to the template's text. */
  locate(uri: string, name: string): WireLocation | null {
    const document = this.#runs.document(uri);
    const elaboration = this.#elaborations().get(document);
    const entry = workEntries(elaboration).find((candidate) => candidate.name === name);
    const own = entry === undefined ? undefined : nameNodeOf(entry.node as Statement);
    if (own !== undefined) return { uri, range: rangeOf(document, own) };
    for (const machine of [...elaboration.machines, ...this.#elaborations().structures(document).machines]) {
      const [found] = machine.names.lookup(name);
      const component = found === undefined ? undefined : machine.machine.components[found.id];
      const target =
        component === undefined ? undefined : this.#documents.getDocument(URI.parse(component.nameOrigin.uri));
      if (component !== undefined && target !== undefined) {
        return { uri: component.nameOrigin.uri, range: rangeOf(target, component.nameOrigin) };
      }
    }
    return null;
  }

  /** The machine of a document by name, the first for null. Throws a ResponseError where there is none. */
  machine(subject: Subject): ElaboratedMachine {
    const document = this.#runs.document(subject.uri);
    const { machines } = this.#elaborations().structures(document);
    const found =
      subject.name === null ? machines[0] : machines.find((machine) => machine.machine.name === subject.name);
    if (found !== undefined) return found;
    const what = subject.name === null ? 'no machine' : `no machine '${subject.name}'`;
    throw refusal(`There is ${what} in ${document.uri.path}.`);
  }

  show(subject: Subject): Report<ShowJson> {
    const { machine } = this.machine(subject);
    const text = showText(machine, this.#settings().simulation.tax);
    return { report: reportUri('show', subject.uri, machine.name), text, data: showJson(machine) };
  }

  /** @param steps also list the configuration cycles, which are many: for the report alone */
  enumerate(subject: Subject, steps = false): Report<EnumerateJson> {
    const { machine } = this.machine(subject);
    const data = enumerateJson(machine, enumerate(machine, { steps }));
    const text = enumerateText(data, mostSteps);
    return { report: reportUri('enumerate', subject.uri, machine.name), text, data };
  }

  groups(subject: Subject): Report<GroupsJson> {
    const { machine } = this.machine(subject);
    const data = groupsJson(machine, (component, fn) => functionAddress(machine, component, fn));
    return { report: reportUri('groups', subject.uri, machine.name), text: groupsText(data, machine), data };
  }

  path(subject: Subject & { readonly from: string; readonly to: string }): Report<PathJson> {
    const machine = this.machine(subject);
    const ends = [subject.from, subject.to].map((name) => endOf(machine, name));
    const [from, to] = ends;
    if (from === undefined || to === undefined) throw refusal('A path has two ends.');
    const data = describePath(machine.machine, from, to, { tax: this.#settings().simulation.tax });
    const report = reportUri('path', subject.uri, machine.machine.name, [subject.from, subject.to]);
    return { report, text: pathText(data), data };
  }

  matrix(subject: Subject): Report<MatrixJson> {
    const { machine } = this.machine(subject);
    const data = peerMatrix(machine, this.#settings().simulation.tax);
    return { report: reportUri('matrix', subject.uri, machine.name), text: matrixText(data), data };
  }

  /** Where a node of the picture stands in the text; null where there is no such node. */
  diagramPlace(subject: Subject, node: string): NodePlace | null {
    const { machine } = this.machine(subject);
    return placeOfNode(machine, node, this.#runs.document(subject.uri), this.#documents);
  }

  /** The nodes of the picture around a place of the text; none where its file has no such machine. */
  diagramNodesAt(
    subject: Subject,
    at: { readonly uri: string; readonly position: WireRange['start'] },
  ): readonly string[] {
    const { machines } = this.#elaborations().structures(this.#runs.document(subject.uri));
    const found = machines.find(({ machine }) => machine.name === subject.name) ?? machines[0];
    const document = this.#documents.getDocument(URI.parse(at.uri));
    if (found === undefined || document === undefined) return [];
    return nodesAt(found.machine, subject.uri, at.uri, document.textDocument.offsetAt(at.position));
  }

  /** The change of the text that an action in the picture means. Throws a ResponseError that says why there is none. */
  changeDiagram(subject: Subject, action: DiagramAction): DiagramChange {
    const document = this.#runs.document(subject.uri);
    const machine = this.machine(subject);
    const others = this.#elaborations()
      .structures(document)
      .machines.filter((other) => other !== machine);
    try {
      return changeOf(machine, document, action, others);
    } catch (error) {
      if (error instanceof Refused) throw refusal(error.message);
      throw error;
    }
  }

  /** What machines say of themselves, as the text of one machine. */
  importText(sources: readonly DumpSource[]): Promise<ImportedText> {
    return importText(sources, this.#parts(), this.addNames);
  }

  /** How two machines differ, and the same for people. */
  async differences(
    first: MachineSource,
    second: MachineSource,
  ): Promise<{ readonly text: string; readonly changes: readonly Change[] }> {
    const [one, other] = [await this.#described(first), await this.#described(second)];
    const changes = compareMachines(one.machine, other.machine, scopesOf(one, other));
    return { text: changesText(changes), changes };
  }

  async #described(source: MachineSource): Promise<Description> {
    if ('uri' in source) {
      const { machine } = this.machine({ uri: source.uri, name: null });
      return { machine, isText: true, scope: scopeOfText(machine) };
    }
    const { machine, scope } = await importDumps([source], this.#parts(), this.addNames);
    return { machine, isText: false, scope };
  }

  /** The parts of the catalogue. */
  #parts(): PartIndex {
    const catalogue = this.#documents.all.find((document) => document.uri.scheme === catalogueScheme);
    return catalogue === undefined ? [] : partIndexOf(this.#elaborations().environment(catalogue));
  }

  /** The text of a report document. */
  report(subject: ReportSubject): string {
    switch (subject.kind) {
      case 'result': {
        const record = this.lastRun(subject);
        return record === null ? 'This has not run yet.\n' : runReport(record);
      }
      case 'show':
        return this.show(subject).text;
      case 'enumerate':
        return this.enumerate(subject, true).text;
      case 'groups':
        return this.groups(subject).text;
      case 'path':
        return subject.ends === null ? '' : this.path({ ...subject, from: subject.ends[0], to: subject.ends[1] }).text;
      case 'matrix':
        return this.matrix(subject).text;
    }
  }

  async #run(
    subject: Subject,
    variants: readonly RunVariant[],
    options: RunOptions,
    workDoneToken: string | number | undefined,
    token: CancellationToken,
  ): Promise<RunRecord> {
    const title = `Simulating ${subject.name ?? 'all work'}`;
    return this.#underProgress(title, workDoneToken, token, (task) =>
      this.#runs.run(subject, variants, options, task.token, task.report),
    );
  }

  /** Does something long; a cancellation and what the engine throws become answers that a client understands. */
  async #underProgress<T>(
    title: string,
    workDoneToken: string | number | undefined,
    token: CancellationToken,
    run: (task: Task) => Promise<T>,
  ): Promise<T> {
    try {
      return await withProgress(this.#connection, workDoneToken, title, token, run);
    } catch (error) {
      if (error instanceof SimulationCancelled)
        throw new ResponseError(LSPErrorCodes.RequestCancelled, `${title}: cancelled.`);
      if (error instanceof ResponseError) throw error;
      throw new ResponseError(LSPErrorCodes.RequestFailed, error instanceof Error ? error.message : String(error));
    }
  }
}

const severityNames = ['error', 'warning', 'information', 'hint'] as const;

const refusal = (message: string) => new ResponseError(LSPErrorCodes.RequestFailed, message);

/** The end that a name means: a device, or the memory of a socket. Throws a ResponseError for no or several. */
function endOf(machine: ElaboratedMachine, name: string): EndpointRef {
  const found = machine.names.lookup(name);
  const [first] = found;
  if (first === undefined) throw refusal(`There is nothing called '${name}' in ${machine.machine.name}.`);
  if (found.length > 1) {
    const names = found.slice(0, 3).map((thing) => machine.names.shortest(thing.id));
    throw refusal(
      `'${name}' is the name of ${found.length} things: ${names.join(', ')}${found.length > 3 ? ', …' : ''}.`,
    );
  }
  return { component: first.id, memory: first.memory || machine.machine.components[first.id]?.kind === 'socket' };
}
