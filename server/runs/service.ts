import { Emitter, type Event, type LangiumDocument, type LangiumDocuments, URI } from 'langium';
import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { Elaborations } from '../../language/services/elaborations.ts';
import type { KnownFinding } from '../../simulator/expectations.ts';
import type {
  RunComparison,
  RunOptions,
  RunRecord,
  RunVariant,
  Settings,
  Subject,
  VariantChoice,
  VariantRun,
} from '../protocol.ts';
import { reportUri } from '../reports/uri.ts';
import { compareRuns } from './comparison.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { TraceJob } from './messages.ts';
import type { Outcome, Runner } from './runner.ts';
import { shortNames } from './short-names.ts';
import { RunStore } from './store.ts';
import { machineAs, variantChoices, variantName } from './variants.ts';
import { asVariant, entriesFor, mergeWork, type WorkEntry } from './work-items.ts';

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
      const results: VariantRun[] = [];
      const ran: TraceJob[] = [];
      for (const [index, variant] of variants.entries()) {
        const label = variantName(variant);
        const jobs = jobsOf(chosen, variant, options, variants.length > 1 ? label : '');
        const outcome = await this.#simulate(jobs, findings, token, (fraction) =>
          progress((index + fraction) / variants.length),
        );
        results.push({ variant, label, ...outcome });
        ran.push(...jobs);
      }
      const record: RunRecord = {
        id: this.store.nextId(),
        uri: document.uri.toString(),
        version,
        name: subject.name,
        options,
        variants: results,
        comparison: comparisonOf(results),
        stale: false,
        fingerprint: fingerprintOf(texts),
        report: reportUri('result', document.uri.toString(), subject.name),
        elapsedSeconds: (performance.now() - started) / 1000,
        shortNames: shortNames(results, [...new Set(chosen.map((entry) => entry.machine.names))]),
      };
      this.store.put(record, texts, ran);
      // The text may have changed while the run went on.
      this.store.refresh(record.uri, (uri) => this.#textNow(uri));
      const kept = this.store.last(record.uri, record.name) ?? record;
      this.#changed.fire([kept]);
      return kept;
    } finally {
      this.#countRunning(-1);
    }
  }

  /** The variants of a subject that differ from its text. Throws as `run` does. */
  variants(subject: Subject): VariantChoice[] {
    const chosen = this.#entries(this.document(subject.uri), subject.name);
    return variantChoices([...new Set(chosen.map((entry) => entry.machine.machine))]);
  }

  /** Keeps a run of a server that was before this one. Throws a ResponseError where its document is gone. */
  restore(record: RunRecord): RunRecord {
    const known = this.store.last(record.uri, record.name);
    if (known !== null) return known;
    const document = this.document(record.uri);
    const texts = this.#textsOf(document);
    const same = fingerprintOf(texts) === record.fingerprint;
    const version = same ? document.textDocument.version : 0;
    const restored = { ...record, id: this.store.nextId(), version, stale: !same };
    // What ran is known from the text where that is the same; a text that is gone is like none that comes.
    this.store.put(restored, same ? texts : new Map([[record.uri, '']]), same ? this.#jobsAgain(document, record) : []);
    this.#changed.fire([restored]);
    return restored;
  }

  #jobsAgain(document: LangiumDocument, { name, variants, options }: RunRecord): TraceJob[] {
    const chosen = this.#entries(document, name);
    return variants.flatMap(({ variant, label }) => jobsOf(chosen, variant, options, variants.length > 1 ? label : ''));
  }

  /** Two runs side by side. Throws a ResponseError where one is not kept any more. */
  compare(before: number, after: number): RunComparison {
    const [first, second] = [this.kept(before).record, this.kept(after).record];
    return compareRuns(sideOf(first, second), sideOf(second, first));
  }

  /** A run by its id, with what ran. Throws a ResponseError where it is not kept any more. */
  kept(id: number): { readonly record: RunRecord; readonly jobs: readonly TraceJob[] } {
    const kept = this.store.find(id);
    if (kept !== undefined) return kept;
    throw new ResponseError(LSPErrorCodes.RequestFailed, 'This run is not kept any more: run it again.');
  }

  /** The trace of a run, for which it runs once more. */
  async trace(id: number, token: CancellationToken, progress: (fraction: number) => void): Promise<string> {
    const { jobs } = this.kept(id);
    if (jobs.length === 0)
      throw new ResponseError(LSPErrorCodes.RequestFailed, 'What ran is not known any more: run it again.');
    return this.#runner.trace(jobs, token, progress);
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
    const chosen = entriesFor(this.#elaborations().get(document), name);
    if (chosen.length > 0) return chosen;
    const what = name === null ? 'There is nothing to run' : `There is no transfer or scenario '${name}' that can run`;
    throw new ResponseError(LSPErrorCodes.RequestFailed, `${what} in ${document.uri.path}. Its diagnostics say why.`);
  }

  /** One result of all jobs, one after the other. */
  async #simulate(
    jobs: readonly TraceJob[],
    findings: readonly KnownFinding[] | null,
    token: CancellationToken,
    progress: (fraction: number) => void,
  ): Promise<Outcome> {
    const parts: Outcome[] = [];
    for (const [index, { machine, work, options }] of jobs.entries()) {
      const job = { machine, work, options, explain: true, findings };
      parts.push(await this.#runner.run(job, token, (fraction) => progress((index + fraction) / jobs.length)));
    }
    const { seed = 1, fidelity = 'flow' } = jobs[0]?.options ?? {};
    return {
      result: { seed, fidelity, runs: parts.flatMap(({ result }) => result.runs) },
      explanations: parts.flatMap(({ explanations }) => explanations),
    };
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

/** The work of a variant, one job for each machine that it is about. */
function jobsOf(
  chosen: readonly WorkEntry[],
  variant: RunVariant,
  options: Required<RunOptions>,
  label: string,
): TraceJob[] {
  const machines = [...new Set(chosen.map((entry) => entry.machine))];
  return machines.map((machine) => {
    const works = chosen.filter((entry) => entry.machine === machine).map((entry) => asVariant(entry.work, variant));
    return { label, machine: machineAs(machine.machine, variant), work: mergeWork(works), options };
  });
}

/** Before and after; peer-to-peer is what one would rather have, so that it comes after the way through host memory. */
function comparisonOf(variants: readonly VariantRun[]): RunComparison | null {
  const [first, second] = variants;
  if (first === undefined || second === undefined) return null;
  const turned = first.variant === 'p2p' && second.variant === 'host';
  const [before, after] = turned ? [second, first] : [first, second];
  return compareRuns(
    { label: before.label, runs: before.result.runs },
    { label: after.label, runs: after.result.runs },
  );
}

/** A run as one side of a comparison with another: named by what tells them apart. */
function sideOf(
  record: RunRecord,
  other: RunRecord,
): { label: string; runs: RunRecord['variants'][number]['result']['runs'] } {
  const [first] = record.variants;
  const name = record.name ?? 'All work';
  const same = record.name === other.name && record.uri === other.uri;
  const which = record.id < other.id ? 'earlier' : 'later';
  return { label: same ? `${name}, ${which} run` : name, runs: first?.result.runs ?? [] };
}
