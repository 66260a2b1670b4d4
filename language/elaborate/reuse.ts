import type { AstNode } from 'langium';
import type { Component, Machine } from '../../model/machine.ts';
import type { Origin } from '../../model/origin.ts';
import type { Scenario, Transfer } from '../../model/work.ts';
import type {
  Component as ComponentNode,
  Machine as MachineNode,
  PcieFile,
  Statement,
  Subunit,
} from '../generated/ast.ts';
import type { ComponentDraft, Context } from '../schema/property.ts';
import type { ElaboratedMachine } from './elaborated.ts';
import type { Environment } from './environment.ts';
import type { Expanded } from './expand.ts';
import type { NamedThing, NameIndex } from './names.ts';
import { PartReader } from './parts.ts';
import { originOf } from './problem.ts';
import type { WorkContext } from './work-context.ts';

/** A block that became components without a problem, with what it became. Ids are those of the last time. */
export interface KeptBlock {
  readonly context: Context;
  readonly prefix: string;
  base: number;
  parent: number | null;
  components: readonly Expanded[];
  groups: readonly { readonly node: Subunit; readonly parent: number | null }[];
  origins: readonly MovableOrigin[] | undefined;
}

/** What a statement at the top of a file asks for: copies, or a run with whatever is in it. */
export type ReadWork = { readonly transfers: readonly Transfer[] } | { readonly scenario: Scenario };

/** A piece of work that was read without a problem. */
interface KeptWork {
  /** What it was read against. */
  readonly machine: Machine;
  readonly names: NameIndex;
  readonly asked: ReadonlyMap<string, readonly NamedThing[]>;
  readonly shape: object | undefined;
  readonly work: ReadonlySet<string> | undefined;
  readonly read: ReadWork;
  place: Origin;
  origins: readonly MovableOrigin[] | undefined;
}

/** A component as it was made from its draft. */
interface KeptComponent {
  readonly around: ComponentDraft | undefined;
  readonly component: Component;
}

/** The names of a machine without two alike, what they were made from, and a token for its shape: see `isAlike`. */
interface KeptNames {
  readonly components: readonly Expanded[];
  readonly index: NameIndex | undefined;
  readonly shape: object;
}

interface KeptMachine {
  readonly bases: readonly { readonly node: MachineNode; readonly offset: number }[];
  readonly elaborated: ElaboratedMachine;
  origins: readonly MovableOrigin[] | undefined;
}

/** The positions of an origin, for those who move it together with its text. */
interface MovableOrigin {
  offset: number;
  end: number;
}

/**
 * What the elaboration of a file keeps for the next time that the same file is elaborated, an edit later. Nodes that an
 * edit does not touch keep their identity (`reparse.ts`): what was made of them is used again, with its places in the
 * text moved by as much as the node was. The outcome is that of elaborating from nothing.
 *
 * Holds as long as everything that comes from elsewhere stays as it is: parts and templates, and other files.
 */
export class Reuse {
  readonly parts: PartReader;
  readonly blocks = new WeakMap<ComponentNode, KeptBlock>();
  readonly #declared: readonly Placed[];
  readonly #components = new WeakMap<Expanded, KeptComponent>();
  readonly #names = new Map<string, KeptNames>();
  readonly #machines = new WeakMap<MachineNode, KeptMachine>();
  readonly #work = new WeakMap<Statement, KeptWork>();
  readonly #namesOfWork = new Map<string, ReadonlySet<string>>();

  constructor(file: PcieFile, environment: Environment) {
    this.parts = new PartReader(environment);
    this.#declared = placed(declaredIn(file));
  }

  /** Whether the parts and templates of a file are those that this was made with, where they were. */
  isFor(file: PcieFile): boolean {
    const now = declaredIn(file);
    return now.length === this.#declared.length && areWhereTheyWere(this.#declared, now);
  }

  /** A machine whose text is the same, at its place of today. */
  machine(node: MachineNode, environment: Environment): ElaboratedMachine | undefined {
    const kept = this.#machines.get(node);
    if (kept === undefined) return undefined;
    const bases = kept.bases.map((base) => environment.machines.get(base.node.name));
    const top = kept.bases[0]?.node ?? node;
    // A base that was not there may be there now.
    if (top.base !== undefined && environment.machines.has(top.base.$refText)) return undefined;
    if (!areWhereTheyWere(kept.bases, bases)) return undefined;
    const { origin } = kept.elaborated.machine;
    const by = offsetOf(node) - origin.offset;
    if (by !== 0) {
      kept.origins ??= originsIn([kept.elaborated.machine, kept.elaborated.work], origin);
      moveOrigins(kept.origins, by);
    }
    return kept.elaborated;
  }

  /** @param chain the machine and those that it inherits from, the last of them first */
  keepMachine(elaborated: ElaboratedMachine, chain: readonly MachineNode[]): void {
    const bases = placed(chain.filter((node) => node !== elaborated.node));
    this.#machines.set(elaborated.node, { bases, elaborated, origins: undefined });
  }

  /** The names of a machine, where they are those of the last time. */
  namesOf(machine: string, components: readonly Expanded[]): NameIndex | undefined {
    const kept = this.#names.get(machine);
    if (kept === undefined || kept.components.length !== components.length) return undefined;
    const isSame = kept.components.every((before, id) => {
      const now = components[id];
      return before === now || (before.name === now?.name && before.kind === now.kind);
    });
    return isSame ? kept.index : undefined;
  }

  /** @param index undefined where two components have one name */
  keepNames(machine: string, components: readonly Expanded[], index: NameIndex | undefined): void {
    const kept = this.#names.get(machine);
    const shape = kept !== undefined && isAlike(kept.components, components) ? kept.shape : {};
    this.#names.set(machine, { components, index, shape });
  }

  /** A component that would come out as it was. */
  component(
    expanded: Expanded,
    id: number,
    children: readonly number[],
    around: ComponentDraft | undefined,
  ): Component | undefined {
    const kept = this.#components.get(expanded);
    if (kept === undefined || kept.around !== around || kept.component.id !== id) return undefined;
    const before = kept.component.children;
    const isSame = before.length === children.length && before.every((child, index) => child === children[index]);
    return isSame ? kept.component : undefined;
  }

  keepComponent(expanded: Expanded, around: ComponentDraft | undefined, component: Component): void {
    this.#components.set(expanded, { around, component });
  }

  /** The names of the work of a machine: the set of the last time, where it has the same names. */
  sameNamesOfWork(machine: string, names: ReadonlySet<string>): ReadonlySet<string> {
    const kept = this.#namesOfWork.get(machine);
    if (kept !== undefined && kept.size === names.size && [...names].every((name) => kept.has(name))) return kept;
    this.#namesOfWork.set(machine, names);
    return names;
  }

  /**
   * What a statement was read as, if it would be read as the same. Of a machine, copies need its shape, and that the names
   * in them mean what they meant.
   */
  work(statement: Statement, context: WorkContext): ReadWork | undefined {
    const kept = this.#work.get(statement);
    if (kept === undefined || kept.work !== context.work) return undefined;
    const isSameMachine = kept.machine === context.machine;
    if (!isSameMachine) {
      const shape = this.#names.get(context.machine.name)?.shape;
      if ('scenario' in kept.read || shape === undefined || shape !== kept.shape) return undefined;
      if (kept.names !== context.names && !context.names.agrees(kept.asked, kept.names)) return undefined;
    }
    const by = offsetOf(statement) - kept.place.offset;
    if (by !== 0) {
      kept.origins ??= originsIn(kept.read, kept.place);
      moveOrigins(kept.origins, by);
      const { uri, offset, end } = kept.place;
      kept.place = { uri, offset: offset + by, end: end + by };
    }
    if (isSameMachine || !('transfers' in kept.read)) return kept.read;
    // What others know of a copy is of a copy on that machine.
    const read = { transfers: kept.read.transfers.map((transfer) => ({ ...transfer })) };
    this.#work.set(statement, { ...kept, machine: context.machine, names: context.names, read });
    return read;
  }

  keepWork(
    statement: Statement,
    { machine, names, work }: WorkContext,
    read: ReadWork,
    asked: ReadonlyMap<string, readonly NamedThing[]>,
  ): void {
    const shape = this.#names.get(machine.name)?.shape;
    const place = originOf(statement);
    this.#work.set(statement, { machine, names, asked, shape, work, read, place, origins: undefined });
  }
}

/**
 * Whether machines have the same shape: everything of components that the reading of a copy looks at, but for the names of
 * those that it names.
 */
const isAlike = (before: readonly Expanded[], now: readonly Expanded[]): boolean =>
  before.length === now.length &&
  before.every((one, id) => {
    const other = now[id];
    if (one === other) return true;
    const isSameKind = one.kind === other?.kind && one.parent === other.parent;
    return isSameKind && one.draft.settings.numaNode === other.draft.settings.numaNode;
  });

interface Placed {
  readonly node: AstNode;
  readonly offset: number;
}

const placed = <N extends AstNode>(nodes: readonly N[]) => nodes.map((node) => ({ node, offset: offsetOf(node) }));

const areWhereTheyWere = (before: readonly Placed[], now: readonly (AstNode | undefined)[]): boolean =>
  before.every(({ node, offset }, index) => now[index] === node && offsetOf(node) === offset);

const declaredIn = (file: PcieFile): AstNode[] =>
  file.statements.filter(({ $type }) => $type === 'Part' || $type === 'Template' || $type === 'Import');

/** Where a node begins; 0 where it stands in no text. */
const offsetOf = (node: AstNode): number => node.$cstNode?.offset ?? 0;

/** Brings a kept block to where its text is now and to the ids that it gets now. */
export function placeBlock(kept: KeptBlock, node: ComponentNode, base: number, parent: number | null): void {
  const origin = kept.components[0]?.origin;
  const by = origin === undefined ? 0 : offsetOf(node) - origin.offset;
  if (origin !== undefined && by !== 0) {
    kept.origins ??= originsIn(kept.components, origin);
    moveOrigins(kept.origins, by);
  }
  const shift = base - kept.base;
  if (shift === 0 && parent === kept.parent) return;
  const placed = (id: number | null) => (id !== null && id >= kept.base ? id + shift : parent);
  kept.components = kept.components.map((one) => ({ ...one, parent: placed(one.parent) }));
  kept.groups = kept.groups.map((one) => ({ ...one, parent: placed(one.parent) }));
  kept.base = base;
  kept.parent = parent;
}

/** Moves origins to where their text went. */
function moveOrigins(origins: readonly MovableOrigin[], by: number): void {
  for (const origin of origins) {
    origin.offset += by;
    origin.end += by;
  }
}

/**
 * The origins within a value that lie in the text of another one, each once. Looks into plain data only: syntax trees are
 * left out.
 */
function originsIn(value: unknown, { uri, offset: start, end }: Origin): MovableOrigin[] {
  const seen = new Set<object>();
  const found: MovableOrigin[] = [];
  const visit = (at: unknown): void => {
    if (typeof at !== 'object' || at === null || seen.has(at) || '$type' in at) return;
    seen.add(at);
    if (isOrigin(at) && at.uri === uri && at.offset >= start && at.end <= end) found.push(at as MovableOrigin);
    if (Array.isArray(at)) for (const one of at) visit(one);
    else if (at instanceof Map) for (const one of at.values()) visit(one);
    else for (const one of Object.values(at)) visit(one);
  };
  visit(value);
  return found;
}

const isOrigin = (value: object): value is Origin => 'uri' in value && 'offset' in value && 'end' in value;
