import {
  type AstNode,
  type AstNodeDescription,
  AstUtils,
  type Cancellation,
  DefaultLinker,
  interruptAndCheck,
  type LangiumDocument,
  type LinkingError,
  type LocalSymbols,
  MultiMap,
  type ReferenceInfo,
  type Scope,
  type ScopeComputation,
  type ScopeProvider,
  type Stream,
  stream,
} from 'langium';
import type { ElaboratedMachine, Elaboration } from '../elaborate/elaborated.ts';
import type { Environment } from '../elaborate/environment.ts';
import { namesFor, nearestParts } from '../elaborate/part-names.ts';
import { unknownPartMessage } from '../elaborate/parts.ts';
import { nearest } from '../elaborate/problem.ts';
import { firstOf, unresolvedMessage } from '../elaborate/references.ts';
import type { PcieFile, Reference as ReferenceNode, Scenario, Statement } from '../generated/ast.ts';
import type { PcieServices } from '../module.ts';
import { crossReferencesOf } from './cross-references.ts';
import type { Elaborations } from './elaborations.ts';

/** Only what other files may want to see goes into the index; names inside a file are found through its elaboration. */
export class PcieScopeComputation implements ScopeComputation {
  readonly #services: PcieServices;

  constructor(services: PcieServices) {
    this.#services = services;
  }

  async collectExportedSymbols(document: LangiumDocument): Promise<AstNodeDescription[]> {
    const descriptions = this.#services.workspace.AstNodeDescriptionProvider;
    const file = document.parseResult.value as PcieFile;
    const exported: AstNodeDescription[] = [];
    for (const statement of file.statements ?? []) {
      if (statement.$type !== 'Part' && statement.$type !== 'Template' && statement.$type !== 'Machine') continue;
      if (statement.name !== undefined)
        exported.push(descriptions.createDescription(statement, statement.name, document));
    }
    return exported;
  }

  async collectLocalSymbols(): Promise<LocalSymbols> {
    return new EmptySymbols();
  }
}

class EmptySymbols extends MultiMap<AstNode, AstNodeDescription> {
  override getStream(): Stream<AstNodeDescription> {
    return stream([]);
  }
}

type Lookup = (name: string) => AstNode | undefined;
type All = () => Iterable<readonly [string, AstNode]>;
type Names = () => Iterable<string>;

/** Declarations by name; names alone need not be read. */
interface Declared extends Iterable<readonly [string, AstNode]> {
  get(name: string): AstNode | undefined;
  keys(): Iterable<string>;
}

/** A scope that answers a name by a map, without walking through all others. */
class MapScope implements Scope {
  readonly #describe: (node: AstNode, name: string) => AstNodeDescription;
  readonly #lookup: Lookup;
  readonly #all: All;
  /** Words that may be meant where a name is nearly right; cheap, without descriptions. */
  readonly names: Names;

  constructor(
    describe: (node: AstNode, name: string) => AstNodeDescription,
    lookup: Lookup,
    all: All,
    names: Names = () => [...all()].map(([name]) => name),
  ) {
    this.#describe = describe;
    this.#lookup = lookup;
    this.#all = all;
    this.names = names;
  }

  getElement(name: string): AstNodeDescription | undefined {
    const node = this.#lookup(name);
    return node === undefined ? undefined : this.#describe(node, name);
  }

  getElements(name: string): Stream<AstNodeDescription> {
    const found = this.getElement(name);
    return stream(found === undefined ? [] : [found]);
  }

  getAllElements(): Stream<AstNodeDescription> {
    const describe = this.#describe;
    const all = this.#all;
    return stream([...all()].map(([name, node]) => describe(node, name)));
  }
}

/** What names of a document are looked up in. Holds while no document is parsed again. */
class View {
  readonly document: LangiumDocument;
  readonly file: PcieFile;
  readonly #elaborations: Elaborations;
  readonly #machines = new Map<AstNode, ElaboratedMachine | undefined>();
  #environment: Environment | undefined;
  #elaboration: Elaboration | undefined;

  constructor(document: LangiumDocument, elaborations: Elaborations) {
    this.document = document;
    this.file = document.parseResult.value as PcieFile;
    this.#elaborations = elaborations;
  }

  get environment(): Environment {
    this.#environment ??= this.#elaborations.environment(this.document);
    return this.#environment;
  }

  /** The machine that a statement is about. */
  machineAround(node: AstNode): ElaboratedMachine | undefined {
    let top: AstNode = node;
    while (top.$container?.$container !== undefined) top = top.$container;
    if (!this.#machines.has(top)) this.#machines.set(top, this.#machineOf(top));
    return this.#machines.get(top);
  }

  #machineOf(top: AstNode): ElaboratedMachine | undefined {
    if (top.$type === 'Machine') {
      return this.#elaborations.structures(this.document).machines.find((machine) => machine.node === top);
    }
    this.#elaboration ??= this.#elaborations.get(this.document);
    return this.#elaboration.machineOf.get(top) ?? this.#elaboration.machines[0];
  }
}

/** What names mean: parts, templates and machines by the environment; components by the elaborated machine. */
export class PcieScopeProvider implements ScopeProvider {
  readonly #services: PcieServices;

  constructor(services: PcieServices) {
    this.#services = services;
  }

  getScope(context: ReferenceInfo): Scope {
    return this.#scope(context, this.#view(AstUtils.getDocument(context.container)));
  }

  /** Finds what references of a document lead to, one after the other, while no document is parsed again. */
  finder(document: LangiumDocument): (context: ReferenceInfo) => AstNode | undefined {
    const view = this.#view(document);
    return (context) => {
      const name = context.reference.$refText;
      const map = this.#declarations(context, view);
      return map === undefined ? elementCalled(name, context, view) : map.get(name);
    };
  }

  #view(document: LangiumDocument): View {
    return new View(document, this.#services.Elaborations);
  }

  #describe = (node: AstNode, name: string) =>
    this.#services.workspace.AstNodeDescriptionProvider.createDescription(node, name, AstUtils.getDocument(node));

  #scope(context: ReferenceInfo, view: View): MapScope {
    const map = this.#declarations(context, view);
    if (map === undefined) return this.#elements(context, view);
    return new MapScope(
      this.#describe,
      (name) => map.get(name),
      () => map,
      () => (map === view.environment.parts ? namesFor(context.container, view.environment.parts) : map.keys()),
    );
  }

  /** What a reference may lead to by name; undefined where that are things of a machine and its work. */
  #declarations(context: ReferenceInfo, view: View): Declared | undefined {
    switch (this.#services.shared.AstReflection.getReferenceType(context)) {
      case 'Part':
        return view.environment.parts;
      case 'Template':
        return view.environment.templates;
      case 'Machine':
        return view.environment.machines;
      case 'Record':
        return eventsAround(context.container);
      default:
        return undefined;
    }
  }

  #elements(context: ReferenceInfo, view: View): MapScope {
    const work = workAround(view.file, context.container);
    const machine = view.machineAround(context.container);
    const lookup: Lookup = (name) => elementCalled(name, context, view);
    const all: All = () => {
      const entries: (readonly [string, AstNode])[] = work.flatMap((names) => [...names]);
      if (machine !== undefined) {
        for (const component of machine.machine.components) {
          const node = machine.nodes[component.id];
          if (node !== undefined) entries.push([machine.names.shortest(component.id), node]);
        }
      }
      return entries;
    };
    const names: Names = () => [...work.flatMap((each) => [...each.keys()]), ...(machine?.names.labels() ?? [])];
    return new MapScope(this.#describe, lookup, all, names);
  }

  /** The machine that a statement is about. */
  machineAround(node: AstNode, document: LangiumDocument): ElaboratedMachine | undefined {
    return this.#view(document).machineAround(node);
  }
}

/** The thing of the machine or of the work around a reference that has a name. */
function elementCalled(name: string, { container }: ReferenceInfo, view: View): AstNode | undefined {
  const reference = container.$type === 'Reference' ? (container as ReferenceNode) : undefined;
  const around = reference?.$container;
  const machine = view.machineAround(container);
  const inMachine =
    machine === undefined
      ? undefined
      : componentNode(machine, reference === undefined ? name : firstNamed(reference, name));
  // A figure is one of work first, as the elaboration reads it.
  const isOfWork = around?.$type === 'Measure' && around.metric !== 'utilisation';
  if (inMachine !== undefined && !isOfWork) return inMachine;
  return firstIn(workAround(view.file, container), name) ?? inMachine ?? view.environment.machines.get(name);
}

/** The name that is looked up: an array is found by its first element. */
function firstNamed(reference: ReferenceNode, name: string): string {
  return reference.range === undefined ? name : firstOf({ ...reference, element: { $refText: name } } as ReferenceNode);
}

function componentNode(machine: ElaboratedMachine, name: string): AstNode | undefined {
  const [found] = machine.names.lookup(name);
  return found === undefined ? undefined : machine.nodes[found.id];
}

const eventsKept = new WeakMap<AstNode, Map<string, AstNode>>();

/** The events that are recorded in the process or the scenario around a statement. */
function eventsAround(node: AstNode): Map<string, AstNode> {
  let around: AstNode | undefined = node;
  while (around !== undefined && around.$type !== 'Scenario' && around.$container?.$container !== undefined)
    around = around.$container;
  const known = around === undefined ? undefined : eventsKept.get(around);
  if (known !== undefined) return known;
  const events = new Map<string, AstNode>();
  if (around === undefined) return events;
  for (const child of AstUtils.streamAllContents(around)) {
    if (child.$type === 'Record') {
      const { name } = child as AstNode & { name?: string };
      if (name !== undefined && !events.has(name)) events.set(name, child);
    }
  }
  eventsKept.set(around, events);
  return events;
}

const workKept = new WeakMap<AstNode, ReadonlyMap<string, AstNode>>();

/** Transfers, scenarios and activities by name, of a file or of a scenario; collected once for each parse. */
function workIn(owner: PcieFile | Scenario): ReadonlyMap<string, AstNode> {
  const known = workKept.get(owner);
  if (known !== undefined) return known;
  const names = new Map<string, AstNode>();
  const take = (statements: readonly Statement[], depth: number) => {
    for (const outer of statements) {
      const statement: Statement | undefined = outer.$type === 'Timed' ? outer.statement : outer;
      if (statement === undefined) continue;
      const named = statement.$type === 'Transfer' || statement.$type === 'Scenario' || statement.$type === 'Activity';
      if (named && statement.name !== undefined && !names.has(statement.name)) names.set(statement.name, statement);
      if (depth < 4 && statement.$type === 'Activity') take(statement.members, depth + 1);
    }
  };
  take(owner.$type === 'Scenario' ? owner.members : owner.statements, 0);
  workKept.set(owner, names);
  return names;
}

/** The names of work that a place can see, the nearest first. */
function workAround(file: PcieFile, node: AstNode): ReadonlyMap<string, AstNode>[] {
  const maps: ReadonlyMap<string, AstNode>[] = [];
  for (let at: AstNode | undefined = node; at !== undefined; at = at.$container) {
    if (at.$type === 'Scenario') maps.push(workIn(at as Scenario));
  }
  const outside = maps.length === 0;
  maps.push(workIn(file));
  // What a file expects is judged over all its runs: it may name what happens in any of them.
  if (outside && isOfExpectation(node))
    for (const statement of file.statements) if (statement.$type === 'Scenario') maps.push(workIn(statement));
  return maps;
}

function isOfExpectation(node: AstNode): boolean {
  for (let at: AstNode | undefined = node; at !== undefined; at = at.$container)
    if (at.$type === 'Expectation') return true;
  return false;
}

function firstIn(maps: readonly ReadonlyMap<string, AstNode>[], name: string): AstNode | undefined {
  for (const map of maps) {
    const found = map.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** References that are linked before somebody asks whether that is still wanted. */
const linkedAtOnce = 200;

/** The field in which Langium's linker keeps what it found; private there. */
interface Linkable {
  _ref: unknown;
}

/** Linking with messages that say what to do, and without a description of everything that is found. */
export class PcieLinker extends DefaultLinker {
  readonly #services: PcieServices;

  constructor(services: PcieServices) {
    super(services);
    this.#services = services;
  }

  override async link(document: LangiumDocument, cancelToken?: Cancellation.CancellationToken): Promise<void> {
    const scopes = this.#services.references.ScopeProvider;
    const find = scopes instanceof PcieScopeProvider ? scopes.finder(document) : undefined;
    for (const [index, info] of crossReferencesOf(document.parseResult.value as PcieFile).entries()) {
      if (cancelToken !== undefined && index % linkedAtOnce === 0) await interruptAndCheck(cancelToken);
      const reference = info.reference as unknown as Linkable;
      if (reference._ref !== undefined) continue;
      const target = find?.(info);
      if (target === undefined) {
        this.doLink(info, document);
        continue;
      }
      reference._ref = target;
      document.references.push(info.reference);
    }
  }

  protected override createLinkingError(info: ReferenceInfo, target?: AstNodeDescription): LinkingError {
    const error = super.createLinkingError(info, target);
    const scope = this.#services.references.ScopeProvider.getScope(info);
    const name = info.reference.$refText;
    const names = scope instanceof MapScope ? scope.names() : [];
    return { ...error, message: linkingMessage(info, name, names) };
  }
}

/** The code of the rule for a reference that leads nowhere, by what it refers to. */
export function linkingCode(type: string): string {
  switch (type) {
    case 'Part':
      return 'part/unknown';
    case 'Template':
      return 'template/unknown';
    default:
      return 'language/unresolved';
  }
}

function linkingMessage(info: ReferenceInfo, name: string, names: Iterable<string>): string {
  const isPart = info.container.$type === 'PartUse' || info.container.$type === 'Part';
  const guesses = isPart ? nearestParts(name, names) : nearest(name, names);
  const or = guesses.length > 0 ? ` Did you mean ${guesses.join(' or ')}?` : '';
  switch (info.container.$type) {
    case 'PartUse':
    case 'Part':
      return unknownPartMessage(name, guesses);
    case 'Use':
      return `There is no template '${name}'.${or}`;
    case 'Machine':
      return `There is no machine '${name}' here.${or}`;
    case 'Wait':
      return `No stream records an event '${name}'.${or}`;
    case 'Reference':
      return unresolvedMessage(
        info.container.$type === 'Reference' ? firstOf(info.container as ReferenceNode) : name,
        guesses,
      );
    default:
      return unresolvedMessage(name, guesses);
  }
}
