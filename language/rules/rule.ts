import type { AstNode } from 'langium';
import type { Origin } from '../../model/origin.ts';
import type { Cost, PriceRequest } from '../../simulator/price.ts';
import type { SimulationResult } from '../../simulator/simulate.types.ts';
import type { ElaboratedMachine, Elaboration } from '../elaborate/elaborated.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** Which layer judges: the text, the hardware's link, the kernel, the driver, or how fast it is. */
export type RuleLayer = 'language' | 'link' | 'kernel' | 'driver' | 'performance';

/** A change of the text that would settle a finding. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly {
    readonly uri: string;
    readonly offset: number;
    readonly end: number;
    readonly text: string;
  }[];
}

/** Where a finding stands: a place in the text, or a node with a property. */
export type Place =
  | { readonly origin: Origin }
  | { readonly node: AstNode; readonly property?: string; readonly index?: number };

/** One report of a rule, before it is put into the text of a file. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly place: Place;
  /** Qualified names of what it is about. */
  readonly subjects?: readonly string[];
  readonly related?: readonly { readonly place: Place; readonly message: string }[];
  readonly fixes?: readonly Fix[];
  /** What to do on the machine itself, to be copied: a kernel parameter, a command, a firmware setting. */
  readonly remedies?: readonly Remedy[];
  /** What the simulator is to be asked about it: answered after the first diagnostics. */
  readonly price?: PriceRequest;
  readonly cost?: Cost;
}

/** Something to do outside the text. */
export interface Remedy {
  readonly kind: 'kernel-parameter' | 'command' | 'firmware';
  readonly text: string;
}

export type Report = (finding: Omit<Finding, 'code'>) => void;

/** A rule: what it is called, how bad it is, what it looks at. One file each; its page is `docs/rules/<code>.md`. */
export interface Rule {
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  readonly layer: RuleLayer;
  /** Classes of incident that it explains. */
  readonly incidents: readonly string[];
  /** Looks at one machine with its work. */
  readonly checkMachine?: (machine: ElaboratedMachine, report: Report) => void;
  /** Looks at what the work of a machine did when it ran. */
  readonly checkRun?: (machine: ElaboratedMachine, result: SimulationResult, report: Report) => void;
  /** Whether the work has to run for `checkRun`. */
  readonly needsRun?: (machine: ElaboratedMachine) => boolean;
  /** Looks at a file as a whole. */
  readonly checkFile?: (elaboration: Elaboration, report: Report) => void;
}
