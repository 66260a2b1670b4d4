/** Where a node stands. */
export interface Box {
  readonly name: string;
  /** `frame` holds what is below it, `box` has its ports along its lower edge. */
  readonly shape: 'frame' | 'box' | 'port';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Nodes that are folded away in it. */
  readonly folded: number;
}

/** A straight line down from a port, or from the bar of a root complex. */
export interface Wire {
  /** Stable: the name of what it ends at; of the port where the slot is empty. */
  readonly name: string;
  /** Name of the link; null for what is built into the root complex. */
  readonly link: string | null;
  readonly x: number;
  readonly from: number;
  readonly to: number;
  /** Whether something is plugged in. */
  readonly used: boolean;
}

/** A root complex: the bar from which its root ports hang, one for each row. */
export interface Bar {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly wires: readonly Wire[];
  readonly bars: readonly Bar[];
  readonly width: number;
  readonly height: number;
  /** Names of what begins a row: the next layout keeps them. */
  readonly rowStarts: ReadonlySet<string>;
  /** Names of what stands in rows. */
  readonly cells: ReadonlySet<string>;
  /** How rows began before something of them went away; null: nothing has. */
  readonly missing: Missing | null;
  /** Width to height that was aimed at. */
  readonly shape: number;
  /** The same for what is inside a socket: narrower where several stand side by side. */
  readonly inner: number;
}

/** What went away from rows, perhaps for no longer than a line is half written. */
export interface Missing {
  readonly names: ReadonlySet<string>;
  readonly rowStarts: ReadonlySet<string>;
}
