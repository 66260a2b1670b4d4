import { Emitter, type Event, type LangiumDocument, type LangiumDocuments, URI } from 'langium';
import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { Elaborations } from '../../language/services/elaborations.ts';
import type { KnownFinding } from '../../simulator/expectations.ts';
import type { SimulationResult } from '../../simulator/simulate.types.ts';
import type { RunOptions, RunRecord, RunVariant, Settings, Subject } from '../protocol.ts';
import { reportUri } from '../reports/uri.ts';
import type { Runner } from './runner.ts';
import { shortNames } from './short-names.ts';
import { RunStore } from './store.ts';
import { asVariant, mergeWork, type WorkEntry, workEntries } from './work-items.ts';

/** Runs work of documents, and keeps what came out. */
export class RunService {
  readonly store = new RunStore();
  readonly #documents: LangiumDocuments;
  readonly #elaborations: () => Elaborations;
  readonly #settings: () => Settings;
  readonly #runner: Runner;
  readonly #changed = new Emitter<readonly RunRecord[]>();
  readonly #runningChanged = new Emitter<number>();
  #running = 0;

  readonly #check: (document: LangiumDocument) => readonly KnownFinding[];

  /** @param check what the rules say of a document, whatever the severities that are set */
  constructor(
    documents: LangiumDocuments,
    elaborations: () => Elaborations,
    settings: () => Settings,
    runner: Runner,
    check: (document: LangiumDocument) => readonly KnownFinding[],
  ) {
    this.#check = check;
    this.#documents = documents;
    this.#elaborations = elaborations;
    this.#settings = settings;
    this.#runner = runner;
  }

  /** Runs that are new, or whose staleness changed. */
  get onChanged(): Event<readonly RunRecord[]> {
    return this.#changed.event;
  }

  /** How many runs are under way or wait for their turn. */
  get running(): number {
    return this.#running;
  }

  /**
   * Runs a subject once for each variant, and keeps the record.
   *
   * @throws ResponseError for a document or a name that is not there, `SimulationCancelled` after a cancellation
   */
  async run(
    subject: Subject,
    variants: readonly RunVariant[],
    given: RunOptions,
    token: CancellationToken,
    progress: (fraction: number) => void,
  ): Promise<RunRecord> {
    const document = this.document(subject.uri);
    const chosen = this.#entries(document, subject.name);
    const texts = this.#textsOf(document);
    const options = { ...this.#settings().simulation, ...given };
    const version = document.textDocument.version;
    const asksForFindings = chosen.some((entry) =>
      entry.expectations.some((expectation) => expectation.kind === 'finding'),
    );
    const findings = asksForFindings ? this.#check(document) : null;
    const started = performance.now();
    this.#countRunning(1);
    try {
      const results: { variant: RunVariant; result: SimulationResult }[] = [];
      for (const [index, variant] of variants.entries()) {
        const result = await this.#simulate(chosen, variant, options, findings, token, (fraction) =>
          progress((index + fraction) / variants.length),
        );
        results.push({ variant, result });
      }
      const record: RunRecord = {
        id: this.store.nextId(),
        uri: document.uri.toString(),
        version,
        name: subject.name,
        options,
        variants: results,
        stale: false,
        report: reportUri('result', document.uri.toString(), subject.name),
        elapsedSeconds: (performance.now() - started) / 1000,
        shortNames: shortNames(
          results.map(({ result }) => result),
          [...new Set(chosen.map((entry) => entry.machine.names))],
        ),
      };
      this.store.put(record, texts);
      // The text may have changed while the run went on.
      this.store.refresh(record.uri, (uri) => this.#textNow(uri));
      const kept = this.store.last(record.uri, record.name) ?? record;
      this.#changed.fire([kept]);
      return kept;
    } finally {
      this.#countRunning(-1);
    }
  }

  /** Fires with the number of runs whenever one begins or ends. */
  get onRunning(): Event<number> {
    return this.#runningChanged.event;
  }

  #countRunning(change: number): void {
    this.#running += change;
    this.#runningChanged.fire(this.#running);
  }

  /** Looks again at which runs are stale; for after every build. */
  refresh(): void {
    const changed = this.store.uris().flatMap((uri) => this.store.refresh(uri, (from) => this.#textNow(from)));
    if (changed.length > 0) this.#changed.fire(changed);
  }

  /** The document of a URI. Throws a ResponseError where there is none. */
  document(uri: string): LangiumDocument {
    const document = this.#documents.getDocument(URI.parse(uri));
    if (document === undefined) throw new ResponseError(LSPErrorCodes.RequestFailed, `There is no document ${uri}.`);
    return document;
  }

  /** Work of a document by name; all of it for null. */
  #entries(document: LangiumDocument, name: string | null): readonly WorkEntry[] {
    const all = workEntries(this.#elaborations().get(document));
    const chosen = name === null ? all : all.filter((entry) => entry.name === name);
    if (chosen.length > 0) return chosen;
    const what = name === null ? 'There is nothing to run' : `There is no transfer or scenario '${name}' that can run`;
    throw new ResponseError(LSPErrorCodes.RequestFailed, `${what} in ${document.uri.path}. Its diagnostics say why.`);
  }

  /** One result for all machines that the entries are about. */
  async #simulate(
    chosen: readonly WorkEntry[],
    variant: RunVariant,
    options: Required<RunOptions>,
    findings: readonly KnownFinding[] | null,
    token: CancellationToken,
    progress: (fraction: number) => void,
  ): Promise<SimulationResult> {
    const machines = [...new Set(chosen.map((entry) => entry.machine))];
    const parts: SimulationResult[] = [];
    for (const [index, machine] of machines.entries()) {
      const works = chosen.filter((entry) => entry.machine === machine).map((entry) => asVariant(entry.work, variant));
      const job = { machine: machine.machine, work: mergeWork(works), options, findings };
      parts.push(await this.#runner.run(job, token, (fraction) => progress((index + fraction) / machines.length)));
    }
    const runs = parts.flatMap((part) => part.runs);
    return { seed: options.seed, fidelity: options.fidelity, runs, ...(parts.length === 1 ? parts[0] : {}) };
  }

  #textsOf(document: LangiumDocument): Map<string, string> {
    const texts = new Map([[document.uri.toString(), document.textDocument.getText()]]);
    for (const reached of this.#elaborations().reached(document)) {
      if (reached.document !== undefined) texts.set(reached.uri, reached.document.textDocument.getText());
    }
    return texts;
  }

  #textNow(uri: string): string | undefined {
    return this.#documents.getDocument(URI.parse(uri))?.textDocument.getText();
  }
}
