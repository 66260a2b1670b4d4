import { DocumentState, type LangiumDocument } from 'langium';
import { type CancellationToken, CancellationTokenSource, type Connection } from 'vscode-languageserver';
import type { ElaboratedMachine } from '../language/elaborate/elaborated.ts';
import { checkRuns, machinesToRun, type PlacedFinding, type RuleLevels } from '../language/rules/check.ts';
import { together, withCost } from '../language/rules/settle.ts';
import type { PcieValidator } from '../language/services/validator.ts';
import type { Machine } from '../model/machine.ts';
import { type Cost, type PriceRequest, pricedWhat } from '../simulator/price.ts';
import { SimulationCancelled } from '../simulator/simulate.types.ts';
import type { Settings } from './protocol.ts';
import { behavesAlike } from './runs/alike.ts';
import type { Runner } from './runs/runner.ts';

/** Nobody has typed for so long before the simulator is asked. */
const pauseMilliseconds = 250;
/** Machines whose answers are kept: the files that somebody works on by turns. */
const keptMachines = 8;

/**
 * Brings what findings cost and what runs show, after the first diagnostics and apart from them: in a worker, once nobody
 * types, given up with the next keystroke. Answers hold until the machine itself changes.
 */
export class LateFindings {
  readonly #validator: PcieValidator;
  readonly #runner: Runner;
  readonly #settings: () => Settings;
  readonly #levels: () => RuleLevels;
  readonly #connection: Connection;
  readonly #said: () => void;
  readonly #waiting = new Map<string, CancellationTokenSource>();
  /** Of documents whose costs are being found, until they are. */
  readonly #settling = new Map<string, Promise<void>>();
  /** Machines whose questions were answered, the latest last. */
  #priced: readonly Priced[] = [];
  readonly #pricedAs = new WeakMap<Machine, Priced>();
  /** A machine that is like none of those. */
  #unlike: Machine | null = null;

  /** @param said called when a document has other findings than before */
  constructor(
    connection: Connection,
    validator: PcieValidator,
    runner: Runner,
    settings: () => Settings,
    levels: () => RuleLevels,
    said: () => void = () => undefined,
  ) {
    this.#connection = connection;
    this.#validator = validator;
    this.#runner = runner;
    this.#settings = settings;
    this.#levels = levels;
    this.#said = said;
  }

  /** Starts anew for a document that has just been checked. */
  schedule(document: LangiumDocument): void {
    const uri = document.uri.toString();
    this.forget(uri);
    const source = new CancellationTokenSource();
    this.#waiting.set(uri, source);
    const settling = new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#settle(document, source.token)
          .catch((error: unknown) => {
            if (!(error instanceof SimulationCancelled))
              console.error('The costs of findings could not be found:', error);
          })
          .finally(resolve);
      }, pauseMilliseconds);
      source.token.onCancellationRequested(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#settling.set(uri, settling);
    void settling.then(() => {
      if (this.#settling.get(uri) === settling) this.#settling.delete(uri);
    });
  }

  /** Resolves when all is known of a document as it is then, or when nobody looks at it any more. */
  async settled(uri: string): Promise<void> {
    for (let settling = this.#settling.get(uri); settling !== undefined; settling = this.#settling.get(uri)) {
      await settling;
    }
  }

  /** What a finding costs, as far as it is known of a machine that behaves alike; undefined where nothing is known yet. */
  costOf({ machine, request }: NonNullable<PlacedFinding['price']>): Cost | null | undefined {
    const known = this.#answersFor(machine)?.get(keyOf(request));
    // It is called by the names of today.
    return known ? { ...known, what: pricedWhat(machine, request) } : known;
  }

  /** Gives up on a document. */
  forget(uri: string): void {
    this.#waiting.get(uri)?.cancel();
    this.#waiting.delete(uri);
  }

  async #settle(document: LangiumDocument, token: CancellationToken): Promise<void> {
    const first = this.#validator.findings(document);
    const machines = machinesToRun(document, this.#validator.checks);
    if (machines.length === 0 && first.every((finding) => finding.price === null)) return;
    const priced = await this.#price(first, token);
    const runs = await this.#run(machines, token);
    if (token.isCancellationRequested || document.state < DocumentState.Validated) return;
    const later = checkRuns(document, runs, this.#levels());
    const diagnostics = this.#validator.diagnosticsWith(together(priced, later), document);
    // All of it was said before.
    if (JSON.stringify(diagnostics) === JSON.stringify(document.diagnostics)) return;
    document.diagnostics = diagnostics;
    this.#said();
    const { version } = document.textDocument;
    await this.#connection.sendDiagnostics({ uri: document.uri.toString(), version, diagnostics });
  }

  async #price(findings: readonly PlacedFinding[], token: CancellationToken): Promise<PlacedFinding[]> {
    const machines = new Set(findings.flatMap(({ price }) => (price === null ? [] : [price.machine])));
    for (const machine of machines) {
      const known = this.#answersFor(machine) ?? new Map<string, Cost | null>();
      const requests = findings.flatMap(({ price }) => (price?.machine === machine ? [price.request] : []));
      const open = [...new Map(requests.map((request) => [keyOf(request), request]))].filter(
        ([key]) => !known.has(key),
      );
      const asked = open.map(([, request]) => request);
      const answers = asked.length === 0 ? [] : await this.#runner.price(machine, asked, token);
      for (const [index, [key]] of open.entries()) known.set(key, answers[index] ?? null);
      this.#keep({ machine, answers: known });
    }
    return findings.map((finding) =>
      finding.price === null ? finding : withCost(finding, this.costOf(finding.price) ?? null),
    );
  }

  async #run(machines: readonly ElaboratedMachine[], token: CancellationToken) {
    const runs: Parameters<typeof checkRuns>[1][number][] = [];
    const options = this.#settings().simulation;
    for (const machine of machines) {
      const job = { machine: machine.machine, work: machine.work, options, explain: false, findings: null };
      const { result } = await this.#runner.run(job, token, () => undefined);
      runs.push({ machine, result });
    }
    return runs;
  }

  /** The answers of a machine that is the same but for its names and where it stands in the text. */
  #answersFor(machine: Machine): Map<string, Cost | null> | undefined {
    if (machine === this.#unlike) return undefined;
    const known = this.#pricedAs.get(machine);
    if (known !== undefined) return known.answers;
    const found = this.#priced.findLast((priced) => behavesAlike(priced.machine, machine));
    if (found === undefined) {
      this.#unlike = machine;
      return undefined;
    }
    // The next one will be more like this one than like those before.
    found.machine = machine;
    this.#pricedAs.set(machine, found);
    return found.answers;
  }

  /** Those that were asked for longest ago go first. */
  #keep(priced: Priced): void {
    this.#unlike = null;
    this.#pricedAs.set(priced.machine, priced);
    const others = this.#priced.filter(({ answers }) => answers !== priced.answers);
    this.#priced = [...others, priced].slice(-keptMachines);
  }
}

/** A machine with the answers to what was asked of it. */
interface Priced {
  /** The latest of those that behave alike. */
  machine: Machine;
  readonly answers: Map<string, Cost | null>;
}

const keyOf = (request: PriceRequest): string => JSON.stringify(request);
