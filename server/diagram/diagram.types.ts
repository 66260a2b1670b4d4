/**
 * A machine as plain data to draw: what it consists of, what hangs below what, what each link runs at. Nothing here says
 * where a thing is put in the picture; where it stands in the text is asked for when somebody wants to go there, so that an
 * edit changes what it is about and nothing else.
 */
import type { ComponentKind } from '../../model/machine.ts';
import type { LimitKind } from '../../simulator/simulate.types.ts';
import type { LinkStateJson } from '../contract.types.ts';
import type { WireRange } from '../protocol.ts';

export interface Diagram {
  readonly uri: string;
  /** Version of the document that it was made from. */
  readonly version: number;
  readonly machine: string;
  /** All machines of the file, for choosing. */
  readonly machines: readonly string[];
  /** Parents before children, siblings in the order of the text. */
  readonly nodes: readonly DiagramNode[];
  readonly links: readonly DiagramLink[];
  readonly connections: readonly DiagramConnection[];
  readonly groups: readonly DiagramGroup[];
  /** What the last run of this file's work made of the links; null where nothing ran. */
  readonly load: DiagramLoad | null;
  /** What the rules say of the machine, in the order of the text, as it was when they last looked; null: not yet. */
  readonly findings: readonly DiagramFinding[] | null;
  /** Errors of the text (not of the machine that it describes); the picture then shows what is sound of it. */
  readonly errors: number;
}

/** How a list becomes its next: some of it is otherwise in its place, and one stretch of it is replaced. */
export interface ListChange<T> {
  /** By their index in the list before. */
  readonly changed: readonly (readonly [index: number, now: T])[];
  /** Where the stretch begins that is replaced, in the list before. */
  readonly at: number;
  readonly removed: number;
  readonly added: readonly T[];
}

/** How a diagram becomes its next: what is absent stays as it is. */
export interface DiagramUpdate {
  readonly version: number;
  readonly machine?: string;
  readonly machines?: readonly string[];
  readonly nodes?: ListChange<DiagramNode>;
  readonly links?: ListChange<DiagramLink>;
  readonly connections?: ListChange<DiagramConnection>;
  readonly groups?: ListChange<DiagramGroup>;
  readonly load?: DiagramLoad | null;
  readonly findings?: ListChange<DiagramFinding>;
  readonly errors?: number;
}

export interface DiagramNode {
  /** Qualified name: stable while the text around changes. */
  readonly name: string;
  /** The shortest name that means it. */
  readonly shortName: string;
  readonly label: string;
  readonly kind: ComponentKind;
  readonly part: string | null;
  /** Name of what it hangs below. */
  readonly parent: string | null;
  /** IOMMU group of its first function, or null. */
  readonly group: number | null;
  /** NUMA node of itself or of the nearest thing above that has one. */
  readonly numaNode: number | null;
  /** On ports. */
  readonly acs: DiagramAcs | null;
  /** What to read when pointing at it: label and value, units included. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly actions: DiagramActions;
}

export interface DiagramAcs {
  /** Bits that are set, by the names that lspci prints. */
  readonly control: readonly string[];
  /** Null: no ACS capability. */
  readonly capability: readonly string[] | null;
  /** Peer requests or completions are sent up to the root complex. */
  readonly redirects: boolean;
  readonly setBy: string;
}

/** What can be changed from the picture; a text says why something cannot. */
export interface DiagramActions {
  /** A device or a switch can be plugged into another port. */
  readonly move: true | string | null;
  /** A port can be made wider or narrower, faster or slower. */
  readonly link: true | string | null;
  /** ACS of the port, or of all ports of a switch, can be switched. */
  readonly acs: true | string | null;
  /** A free port: something can be plugged in here. */
  readonly takes: true | string | null;
}

export interface DiagramLink {
  /** Named after the port above; the chipset for its link to the socket. */
  readonly name: string;
  readonly kind: 'pcie' | 'dmi';
  readonly port: string;
  /** Null for an empty slot. */
  readonly device: string | null;
  readonly trained: LinkStateJson;
  readonly capable: LinkStateJson;
  /** Runs below what both ends could do. */
  readonly trainedLower: boolean;
  /** What holds it back, in words; empty where nothing does. */
  readonly limit: string;
  /** Payload of long writes and reads, one direction; null where its settings are outside the specification. */
  readonly writeBytesPerSecond: number | null;
  readonly readBytesPerSecond: number | null;
  /** After the line code alone: what the thickness of the line stands for. */
  readonly rawBytesPerSecond: number;
  readonly maxPayloadBytes: number;
}

/** NVLink, C2C, UPI, xGMI: beside the tree. */
export interface DiagramConnection {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly technology: string;
  readonly links: number;
  /** One direction, all links together; null where unknown. */
  readonly bytesPerSecond: number | null;
}

export interface DiagramGroup {
  readonly id: number;
  /** Functions in it, by name. */
  readonly members: readonly string[];
}

export interface DiagramFinding {
  /** The rule: `link/limited-by-end`. */
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'information';
  /** With what it costs, once that is known. */
  readonly message: string;
  /** Where it stands in the document of the diagram. */
  readonly range: WireRange;
  /** Names of the nodes that it is marked on; empty: it is about the machine as a whole. */
  readonly nodes: readonly string[];
}

export interface DiagramLoad {
  /** Name of the work that ran; null: all work of the file. */
  readonly run: string | null;
  readonly stale: boolean;
  /** Share of the run in which the wire was busy, 0 to 1, by name of link. */
  readonly links: Readonly<Record<string, { readonly up: number; readonly down: number }>>;
  /** The same for what is no link: memories, root complexes, interconnects. */
  readonly resources: Readonly<Record<string, number>>;
  /** What held the work back; empty where the run does not say. */
  readonly limits: readonly DiagramLimit[];
}

/** A bottleneck of a run. */
export interface DiagramLimit {
  /** As short as it can be: `ssd0`, `gpu0 copy engine`. */
  readonly name: string;
  /** The node, link or connection that it is or belongs to; null: none that is drawn. */
  readonly at: string | null;
  readonly kind: LimitKind;
  /** Share of the run in which it held something back, 0 to 1. */
  readonly share: number;
  /** What it held back, the first few. */
  readonly holds: readonly string[];
  /** How many names `holds` would have. */
  readonly holdsCount: number;
}

/** A change made in the picture. */
export type DiagramAction =
  | { readonly kind: 'move'; readonly device: string; readonly port: string }
  | { readonly kind: 'link'; readonly port: string; readonly lanes: number; readonly generation: number | null }
  | { readonly kind: 'acs'; readonly port: string; readonly on: boolean };

/** The change of the text that an action means: to be applied as one step. Offsets are positions of `version`. */
export interface DiagramChange {
  readonly uri: string;
  readonly version: number;
  readonly title: string;
  readonly edits: readonly { readonly range: WireRange; readonly newText: string }[];
}
