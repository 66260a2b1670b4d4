import type { LangiumDocument } from 'langium';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import type { RunOptions, RunRecord, Subject, WatchedChange, WatchedDiagram } from '../protocol.ts';
import { DiagramMaker } from './build.ts';
import type { Diagram } from './diagram.types.ts';
import { updateBetween } from './update.ts';

/** What pictures are made from; each is asked for anew. */
export interface FeedSource {
  document(uri: string): LangiumDocument | undefined;
  machines(document: LangiumDocument): readonly ElaboratedMachine[];
  /** Runs of a document, newest first. */
  runs(uri: string): readonly RunRecord[];
  tax(): Required<RunOptions>['tax'];
}

/** A picture that somebody looks at. */
interface Watched {
  readonly uri: string;
  readonly maker: DiagramMaker;
  /** The machine; null: the first. */
  name: string | null;
  /** Which machine of the file it was: one that gets another name stays the same. */
  index: number;
  step: number;
  /** What the client has; null: it was told that there is no machine. */
  shown: Diagram | null;
}

/**
 * Pictures that are looked at, one for each document. What becomes of them is told as it happens, and only what is
 * otherwise: a picture of thousands of nodes is sent once.
 */
export class DiagramFeed {
  readonly #source: FeedSource;
  readonly #tell: (change: WatchedChange) => void;
  readonly #watched = new Map<string, Watched>();

  constructor(source: FeedSource, tell: (change: WatchedChange) => void) {
    this.#source = source;
    this.#tell = tell;
  }

  /** The picture of today; what becomes of it is told from now on. Null where the file is gone or has no machine. */
  watch({ uri, name }: Subject): WatchedDiagram | null {
    const watched: Watched = { uri, name, index: 0, maker: new DiagramMaker(), step: 0, shown: null };
    this.#watched.set(uri, watched);
    watched.shown = this.#now(watched);
    return watched.shown === null ? null : { step: watched.step, diagram: watched.shown };
  }

  unwatch(uri: string): void {
    this.#watched.delete(uri);
  }

  /** Tells what has become of the pictures. Takes next to nothing for those that nothing has become of. */
  refresh(): void {
    for (const watched of this.#watched.values()) {
      try {
        this.#follow(watched);
      } catch (error) {
        // A defect of a picture must not keep the rules from the text.
        console.error(`The picture of ${watched.uri} could not be made:`, error);
      }
    }
  }

  #follow(watched: Watched): void {
    const { uri, shown } = watched;
    const diagram = this.#now(watched);
    if (diagram === null) {
      if (shown === null) return;
      watched.shown = null;
      this.#tell({ uri, step: ++watched.step, now: null });
      return;
    }
    if (shown === null) {
      watched.shown = diagram;
      this.#tell({ uri, step: ++watched.step, now: { diagram } });
      return;
    }
    const update = updateBetween(shown, diagram);
    watched.shown = diagram;
    if (update !== null) this.#tell({ uri, step: ++watched.step, now: { update } });
  }

  #now(watched: Watched): Diagram | null {
    const document = this.#source.document(watched.uri);
    if (document === undefined) return null;
    const machines = this.#source.machines(document);
    const named = machines.findIndex(({ machine }) => machine.name === watched.name);
    const index = named >= 0 ? named : machines[watched.index] === undefined ? 0 : watched.index;
    const machine = machines[index];
    if (machine === undefined) return null;
    watched.name = machine.machine.name;
    watched.index = index;
    const runs = this.#source.runs(watched.uri);
    return watched.maker.make(machine, { document, machines, runs, tax: this.#source.tax() });
  }
}
