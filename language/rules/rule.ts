import type { AstNode } from 'langium';
import type { Origin } from '../../model/origin.ts';
import type { ElaboratedMachine, Elaboration } from '../elaborate/elaborate.ts';

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

/** What a finding loses, as simulated on this machine. */
export interface Cost {
  readonly what: string;
  readonly before: number;
  readonly after: number;
  readonly unit: 'bytesPerSecond' | 'seconds';
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
  readonly cost?: Cost;
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
  /** Looks at a file as a whole. */
  readonly checkFile?: (elaboration: Elaboration, report: Report) => void;
}
