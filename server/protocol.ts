/**
 * Every message between the language server and its clients that is not plain LSP, once.
 *
 * A request or a notification is a value with its method name and, in its type, its parameters and its result:
 *
 *     const run = await client.sendRequest<ResultOf<typeof Simulate>>(Simulate.method, params, token);
 *
 * Documents are named by URI strings, things in them by the name that the text, the diagnostics and the command line
 * use (`cpu0.rp0.sw0.p0`, `load`), never by objects of the server. Requests can be cancelled with `$/cancelRequest`;
 * those that take a `workDoneToken` report progress on it. Everything is plain JSON.
 */
import type { Change } from '../model/compare/changes.ts';
import type { RouteKind } from '../model/route/types.ts';
import type { MachineChange } from '../simulator/changes.ts';
import type { RunExplanation } from '../simulator/explain/explain.types.ts';
import type { Fidelity, SimulationResult, TaxSetting } from '../simulator/simulate.types.ts';
import type { EnumerateJson, GroupsJson, MatrixJson, PathJson, ShowJson } from './contract.types.ts';
import type { Diagram, DiagramAction, DiagramChange, DiagramUpdate } from './diagram/diagram.types.ts';

export interface RequestKind<P, R> {
  readonly method: string;
  /** Never present: carries the types. */
  readonly types?: (params: P) => R;
}
export interface NotificationKind<P> {
  readonly method: string;
  /** Never present: carries the type. */
  readonly types?: (params: P) => void;
}
export type ParamsOf<K> = K extends RequestKind<infer P, unknown> ? P : K extends NotificationKind<infer P> ? P : never;
export type ResultOf<K> = K extends RequestKind<never, infer R> ? R : never;

function request<P, R>(method: string): RequestKind<P, R> {
  return { method };
}
function notification<P>(method: string): NotificationKind<P> {
  return { method };
}

// ---- vocabulary ----

/** A place in a text; positions count from 0, as in LSP. */
export interface WireRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}
export interface WireLocation {
  readonly uri: string;
  readonly range: WireRange;
}

/** A document and a thing in it. `name` null: everything of the kind asked for (all work, the first machine). */
export interface Subject {
  readonly uri: string;
  readonly name: string | null;
}

/** How to run; what is absent comes from the settings. */
export interface RunOptions {
  readonly fidelity?: Fidelity;
  readonly tax?: TaxSetting;
  readonly seed?: number;
}

/** `written`: as the text says. `p2p`, `host`: with every `via` replaced. The others: with the machine changed. */
export type RunVariant = 'written' | 'p2p' | 'host' | MachineChange;

/** What came of one variant. */
export interface VariantRun {
  readonly variant: RunVariant;
  /** What it is called in titles and tables. */
  readonly label: string;
  readonly result: SimulationResult;
  /** Where the time went, one for each of `result.runs`. */
  readonly explanations: readonly RunExplanation[];
}

/**
 * One finished run of the simulator. The server keeps the last one of each subject until the document closes; it is
 * stale as soon as the text, or a file that the text imports, says something else.
 */
export interface RunRecord {
  /** Increases with every run of this server. */
  readonly id: number;
  readonly uri: string;
  /** Version of the document that ran; 0 for one that is not open in an editor. */
  readonly version: number;
  /** Name of the transfer or scenario; null: all work of the file. */
  readonly name: string | null;
  readonly options: Required<RunOptions>;
  /** One entry for a run as written, two for a comparison. */
  readonly variants: readonly VariantRun[];
  /** Of a comparison; null for a run as written. */
  readonly comparison: RunComparison | null;
  readonly stale: boolean;
  /** Of the texts that ran: a word that is the same for the same texts. */
  readonly fingerprint: string;
  /** URI of the read-only document with the report as text. */
  readonly report: string;
  /** Wall-clock time that the run took. */
  readonly elapsedSeconds: number;
  /** For the long names in the results the shortest that mean the same; absent names are as short as they can be. */
  readonly shortNames?: Readonly<Record<string, string>>;
}

/** A variant that can be run. */
export interface VariantChoice {
  readonly variant: RunVariant;
  readonly label: string;
  /** What it changes, and how much of it there is to change. */
  readonly description: string;
}

/** Two results side by side. */
export interface RunComparison {
  readonly before: { readonly label: string; readonly makespanSeconds: number };
  readonly after: { readonly label: string; readonly makespanSeconds: number };
  /** Of the makespans, before over after: above 1 the second is faster. Null where there is none. */
  readonly speedup: number | null;
  readonly transfers: readonly ComparedTransfer[];
  /** Links and other things whose use changed, what changed the most first. */
  readonly use: readonly ComparedUse[];
  /** Expectations that hold in one of them only. */
  readonly expectations: readonly ComparedExpectation[];
}
export interface ComparedTransfer {
  readonly name: string;
  /** Null: this side has no transfer of the name. */
  readonly before: TransferFigures | null;
  readonly after: TransferFigures | null;
  /** After over before; null where one of them is missing or nothing. */
  readonly rateRatio: number | null;
  readonly latencyRatio: number | null;
}
export interface TransferFigures {
  readonly seconds: number;
  readonly bytesPerSecond: number;
  /** From its start to its first byte. */
  readonly firstByteSeconds: number;
  readonly route: RouteKind;
  readonly bottleneck: string;
}
/** Shares of the run in which something was busy, 0 to 1. */
export interface ComparedUse {
  readonly name: string;
  /** Null for what is no link. */
  readonly direction: 'up' | 'down' | null;
  readonly before: number;
  readonly after: number;
}
export interface ComparedExpectation {
  readonly text: string;
  /** Null: this side has no such expectation. */
  readonly before: boolean | null;
  readonly after: boolean | null;
}

/** `csv`: one table. `perfetto`: a trace, for which the work runs once more. */
export type ExportFormat = 'json' | 'csv' | 'perfetto';
/** A file to be saved. */
export interface ExportedRun {
  readonly fileName: string;
  readonly text: string;
}

/** A textual report as a read-only document, with the same content as data. */
export interface Report<T> {
  /** URI of the read-only document; its text comes by `workspace/textDocumentContent`. */
  readonly report: string;
  readonly text: string;
  readonly data: T;
}

/** Schemes of the read-only documents that the server provides by `workspace/textDocumentContent` (LSP 3.18). */
export const scheme = {
  /** The catalogue of parts that ships with the language. */
  catalogue: 'pcie-catalogue',
  /** Reports: results of runs, `show`, `enumerate`, `groups`. */
  report: 'pcie-report',
} as const;

// ---- commands ----

/**
 * Commands of lenses and code actions, executed by the server through `workspace/executeCommand`. The arguments are
 * always `[uri, name]`, both strings (`name` may be null). The result is that of the request with the same name, so a
 * client may intercept the command and send the request instead. Where the client does not take
 * `RunFinished` (see `InitializationOptions.views`), the server says the outcome with `window/showMessage`.
 */
export const command = {
  simulate: 'pcie.simulate',
  compare: 'pcie.comparePeerToPeer',
  show: 'pcie.show',
  enumerate: 'pcie.enumerate',
  groups: 'pcie.groups',
  /** Opens the last result of a subject: `[uri, name]`; answers the `RunRecord`. */
  showResult: 'pcie.showResult',
} as const;
export type CommandId = (typeof command)[keyof typeof command];
/** Commands that the client executes by itself. `copyText` puts its only argument, a text, on the clipboard. */
export const clientCommand = { copyText: 'pcie.copyText' } as const;

// ---- requests, client to server ----

/** Runs one transfer or scenario, or all work of a file. Fails with an LSP error where the machine has errors that matter. */
export const Simulate = request<
  Subject & { readonly options?: RunOptions; readonly workDoneToken?: string | number },
  RunRecord
>('pcie/simulate');
/**
 * Runs the same work twice and puts the two side by side, before and after. Where no variants are given: with every transfer
 * peer-to-peer where that is possible, and through host memory.
 */
export const Compare = request<
  Subject & {
    readonly variants?: readonly [before: RunVariant, after: RunVariant];
    readonly options?: RunOptions;
    readonly workDoneToken?: string | number;
  },
  RunRecord
>('pcie/compare');
/** The variants of a subject that differ from its text. */
export const Variants = request<Subject, readonly VariantChoice[]>('pcie/variants');
/** Two runs that the server keeps, side by side. Fails with an LSP error where it does not keep them any more. */
export const CompareRuns = request<{ readonly before: number; readonly after: number }, RunComparison>(
  'pcie/compareRuns',
);
/** A run that the server keeps as a file. Fails with an LSP error where it does not keep it any more. */
export const ExportRun = request<
  { readonly id: number; readonly format: ExportFormat; readonly workDoneToken?: string | number },
  ExportedRun
>('pcie/exportRun');
/** The last run of a subject, stale or not; null: none yet. */
export const LastRun = request<Subject, RunRecord | null>('pcie/lastRun');
/**
 * Gives a run back to a server that began anew, so that it is kept again; the answer has its id here, and whether the text
 * still is what ran. A newer run of the same subject stays and is the answer.
 */
export const RestoreRun = request<{ readonly record: RunRecord }, RunRecord>('pcie/restoreRun');
/** All runs of a document that the server keeps, newest first. */
export const Runs = request<{ readonly uri: string }, readonly RunRecord[]>('pcie/runs');
/** What can be run in a document, for test explorers and pickers. In the order of the text. */
export const WorkItems = request<{ readonly uri: string }, readonly WorkItem[]>('pcie/workItems');
/** The machines that a document declares. */
export const Machines = request<
  { readonly uri: string },
  readonly { readonly name: string; readonly range: WireRange }[]
>('pcie/machines');
/** What is wrong with a file. Waits for what findings cost, which the diagnostics get later. */
export interface CheckedFile {
  readonly findings: readonly {
    readonly code: string;
    readonly severity: 'error' | 'warning' | 'information' | 'hint';
    readonly message: string;
    readonly range: WireRange;
  }[];
}
export const Check = request<{ readonly uri: string }, CheckedFile>('pcie/check');
/** Ports, devices and trained links. `name`: the machine. */
export const Show = request<Subject, Report<ShowJson>>('pcie/show');
/** The discovery at boot: bus numbers, BARs, windows. `name`: the machine. */
export const Enumerate = request<Subject, Report<EnumerateJson>>('pcie/enumerate');
/** The same with every configuration cycle. */
export const DiscoverySteps = request<Subject, EnumerateJson>('pcie/discoverySteps');
/** The IOMMU groups. `name`: the machine. */
export const Groups = request<Subject, Report<GroupsJson>>('pcie/groups');
/** The route between two devices of a machine, and why. */
export const Path = request<Subject & { readonly from: string; readonly to: string }, Report<PathJson>>('pcie/path');
/** Distance classes between the devices of a machine. */
export const Matrix = request<Subject, Report<MatrixJson>>('pcie/matrix');
/**
 * A machine as data to draw, also while the text has errors; from then on `DiagramChanged` tells what becomes of it. One
 * machine for each document: whoever asks again begins anew. Null: the file has no machine now. `name`: the machine; where
 * there is none of that name, the one in its place.
 */
export const WatchDiagram = request<Subject, WatchedDiagram | null>('pcie/watchDiagram');
/** Where a node of the picture stands in the text; null: there is no such node. `name`: the machine. */
export const DiagramPlace = request<Subject & { readonly node: string }, NodePlace | null>('pcie/diagramPlace');
/**
 * The nodes of the picture that come from the innermost statement around a place: several for an array; for the use of a
 * template what stands directly in it. `name`: the machine.
 */
export const DiagramNodesAt = request<
  Subject & { readonly at: { readonly uri: string; readonly position: WireRange['start'] } },
  readonly string[]
>('pcie/diagramNodesAt');
/** The change of the text that an action in the picture means. Fails with an LSP error that says why there is none. */
export const ChangeDiagram = request<Subject & { readonly action: DiagramAction }, DiagramChange>('pcie/changeDiagram');
/** What machines say of themselves (`lspci`, a gathered sysfs, hwloc, NCCL, …) as the text of one machine. */
export const Import = request<{ readonly sources: readonly DumpSource[] }, ImportedText>('pcie/import');
/** How two machines differ by their structure; each is a document or a dump. */
export const Differences = request<
  { readonly first: MachineSource; readonly second: MachineSource },
  { readonly text: string; readonly changes: readonly Change[] }
>('pcie/differences');
/** Where a component, link, transfer or scenario stands in the text; null: there is none of that name. */
export const Locate = request<{ readonly uri: string; readonly name: string }, WireLocation | null>('pcie/locate');

/** A file that a machine's own tools wrote. */
export interface DumpSource {
  /** File name, for messages. */
  readonly name: string;
  readonly base64: string;
}
/** A described machine by its document, or one that says of itself. */
export type MachineSource = { readonly uri: string } | DumpSource;
export interface ImportedText {
  readonly machine: string;
  readonly text: string;
  /** What could not be read, or contradicts itself. */
  readonly notes: readonly string[];
}

/** A piece of work that can run by itself, with its expectations. */
export interface WorkItem {
  readonly name: string;
  /** `transfer`, `scenario`, `job`, `pipeline`, `collective`; `machine`: what is expected of all work of one. */
  readonly kind: string;
  readonly range: WireRange;
  /** Each line once, in the order of the text. `offset`: as in the expectations of results. */
  readonly expectations: readonly { readonly text: string; readonly offset: number; readonly range: WireRange }[];
}

// ---- notifications, client to server ----

/** Nobody looks at the picture of a document any more. */
export const UnwatchDiagram = notification<{ readonly uri: string }>('pcie/unwatchDiagram');

// ---- requests, server to client ----

/**
 * Files that the server cannot read itself: all of them in the browser, those of other schemes than `file` in Node.
 * Sent only where `InitializationOptions.files` is set. A client answers for files of its workspace and no others;
 * null: there is no such file.
 */
export const ReadFile = request<{ readonly uri: string }, { readonly text: string } | null>('pcie/readFile');
/** The entries of a folder; links and other odd things are left out. */
export const ReadDirectory = request<
  { readonly uri: string },
  readonly { readonly uri: string; readonly isFile: boolean }[] | null
>('pcie/readDirectory');
/** Whether a file or a folder is there. */
export const StatFile = request<{ readonly uri: string }, { readonly isFile: boolean } | null>('pcie/statFile');

// ---- notifications, server to client ----

/** A run that a command started is done. Runs that a request started are answered to the request only. */
export const RunFinished = notification<RunRecord>('pcie/runFinished');
/** The runs of these names no longer fit their text (`stale`), or do again after an undo. */
export const RunsChanged = notification<{
  readonly uri: string;
  readonly runs: readonly { readonly name: string | null; readonly stale: boolean }[];
}>('pcie/runsChanged');
/** What became of a picture that is watched: as soon as its text is read, and again when the rules have looked. */
export const DiagramChanged = notification<WatchedChange>('pcie/diagramChanged');
/** How the server is; sent on every change. */
export const Status = notification<ServerStatus>('pcie/status');

/** A picture, and how many changes of it were told before. */
export interface WatchedDiagram {
  readonly step: number;
  readonly diagram: Diagram;
}

/** Each change is the step after the one before: where one is missing, the picture is asked for again. */
export interface WatchedChange {
  readonly uri: string;
  readonly step: number;
  /** What is otherwise; or a picture from nothing, of another machine; null: the file has no machine now. */
  readonly now: { readonly update: DiagramUpdate } | { readonly diagram: Diagram } | null;
}

/** Where a node of a picture comes from. */
export interface NodePlace {
  /** The statement; several nodes share one of an array or a template. */
  readonly place: WireLocation;
  /** The use of a template in the file itself, where the statement stands in the template. */
  readonly usedAt: WireRange | null;
}

export interface ServerStatus {
  /** `warning`: works, but something that the message names does not (no worker, a setting that is wrong). */
  readonly health: 'ok' | 'warning' | 'error';
  /** One sentence, or empty. */
  readonly message: string;
  /** `loading`: workspace not read yet. `running`: a simulation is under way. */
  readonly activity: 'loading' | 'idle' | 'running';
  /** `.pcie` files known, the catalogue apart. */
  readonly files: number;
}

// ---- settings and start ----

/** What the client may pass as `initializationOptions`. */
export interface InitializationOptions {
  /** The client shows runs itself: it takes `RunFinished`, `RunsChanged` and opens reports. */
  readonly views?: boolean;
  /** The client answers `ReadFile`, `ReadDirectory` and `StatFile`. */
  readonly files?: boolean;
  /** URL of the bundled simulator worker; needed in the browser, found beside the server in Node. */
  readonly workerUrl?: string;
  /** URL of the folder with the pages of rules (`…/docs/rules/`); rule links are left out without it. */
  readonly docsUrl?: string;
}

export type RuleLevel = 'error' | 'warning' | 'information' | 'hint' | 'off';

/** The section `pcie` of the workspace configuration. Every key may be absent. */
export interface Settings {
  readonly rules: Readonly<Record<string, RuleLevel>>;
  readonly hints: { readonly links: boolean; readonly transfers: boolean };
  readonly lenses: { readonly work: boolean; readonly machines: boolean };
  readonly simulation: Required<RunOptions>;
}

export const defaultSettings: Settings = {
  rules: {},
  hints: { links: true, transfers: true },
  lenses: { work: true, machines: true },
  simulation: { fidelity: 'flow', tax: 'measured', seed: 1 },
};
