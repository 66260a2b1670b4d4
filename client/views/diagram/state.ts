import type { PathJson } from '../../../server/contract.types.ts';
import type { DiagramAction, DiagramFinding } from '../../../server/diagram/diagram.types.ts';
import type { Layout } from './layout/layout.ts';
import type { Tree } from './layout/tree.ts';
import type { Differences } from './messages.ts';

/** What can be laid over the picture. Each says in words what it says in colour. */
export const overlays = ['findings', 'differences', 'load', 'acs', 'group', 'numa'] as const;
export type Overlay = (typeof overlays)[number];

export interface RouteState {
  readonly from: string;
  /** Null: the other end is being chosen. */
  readonly to: string | null;
  /** Null while it is asked for. */
  readonly path: PathJson | null;
}

/** What the view shows. */
export interface ViewState {
  readonly file: string;
  readonly tree: Tree | null;
  readonly layout: Layout | null;
  /** Why there is nothing newer to show; null: the picture is that of the text. */
  readonly gone: string | null;
  readonly collapsed: ReadonlySet<string>;
  readonly overlays: ReadonlySet<Overlay>;
  readonly selected: string | null;
  /** The selected thing was chosen here, and not by the cursor in the text: it is explained beside the picture. */
  readonly explained: boolean;
  /** What the cursor in the text is in. */
  readonly marked: ReadonlySet<string>;
  readonly query: string;
  readonly route: RouteState | null;
  readonly differences: Differences | null;
  readonly message: { readonly text: string; readonly failed: boolean } | null;
  readonly help: boolean;
  /** Where there is little room: what explains is folded to one line below the picture; null: nobody has said. */
  readonly sideFolded: boolean | null;
}

/** What a person can do in the view. */
export interface Actions {
  /**
   * @param tell whether the text shows it too
   * @param pointed whether the pointer is on it: then the picture stays as it is, as far as possible
   */
  readonly select: (name: string | null, tell: boolean, pointed?: boolean) => void;
  readonly reveal: (name: string) => void;
  /** Shows a finding in the text. */
  readonly goTo: (finding: DiagramFinding) => void;
  readonly toggle: (name: string) => void;
  readonly foldAll: (fold: boolean) => void;
  readonly overlay: (overlay: Overlay) => void;
  readonly search: (query: string) => void;
  /** To the next match. */
  readonly next: (step: number) => void;
  /** To the next node that the rules say something of. */
  readonly nextFinding: () => void;
  /** To the next thing that held the last run back. */
  readonly nextLimit: () => void;
  readonly routeFrom: (name: string) => void;
  readonly routeTo: (name: string) => void;
  readonly endRoute: () => void;
  readonly change: (action: DiagramAction) => void;
  readonly say: (text: string, failed: boolean) => void;
  readonly machine: (name: string) => void;
  readonly simulate: () => void;
  readonly fit: () => void;
  readonly zoom: (factor: number) => void;
  readonly save: (format: 'svg' | 'png') => void;
  readonly help: () => void;
}
