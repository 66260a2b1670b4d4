import type { AstNode } from 'langium';
import type { Component, Connection, SwitchPartition, VirtualMachine } from '../../model/machine.ts';
import { type MachineDraft, trainMachine } from '../../model/train.ts';
import type { Machine as MachineNode, Part, PcieFile, Statement, Subunit } from '../generated/ast.ts';
import type { ConnectionDraft } from '../schema/policy.ts';
import type { ElaboratedMachine, Elaboration } from './elaborated.ts';
import type { Environment } from './environment.ts';
import { type Expanded, Expander } from './expand.ts';
import { elaborateWork, workByMachine } from './machine-work.ts';
import { NameIndex } from './names.ts';
import { PartReader } from './parts.ts';
import { readPlainSettings } from './plain-settings.ts';
import { originOf, type Problem } from './problem.ts';
import { readProperties, reportMisplaced } from './properties.ts';
import { resolveReference } from './references.ts';
import type { Reuse } from './reuse.ts';
import { noBindings } from './values.ts';
import { expectationsOf, type WorkContext } from './work-context.ts';

/** The machines that a file declares, elaborated and trained, without the work on them. */
export interface FileStructures {
  readonly machines: readonly ElaboratedMachine[];
  /** What is wrong in the parts that the file declares. */
  readonly partProblems: readonly Problem[];
}

/**
 * The machines of a file in named stages: parsed (the syntax tree), elaborated (components without links), trained
 * (links at the state that both ends, the slot and the text allow). Never throws for bad text.
 *
 * @param file the syntax tree
 * @param environment what the file can see
 * @param reuse what is left of the last time, where everything that the file sees of others is as it was
 */
export function elaborateStructures(file: PcieFile, environment: Environment, reuse?: Reuse): FileStructures {
  const parts = reuse?.parts ?? new PartReader(environment);
  const machines = file.statements
    .filter((statement): statement is MachineNode => statement.$type === 'Machine' && statement.name !== undefined)
    .map((node) => reuse?.machine(node, environment) ?? elaborateStructure(node, environment, parts, reuse));
  const partProblems = file.statements
    .filter((statement): statement is Part => statement.$type === 'Part' && statement.name !== undefined)
    .flatMap((part) => parts.problemsOf(part));
  return { machines, partProblems };
}

/**
 * A file with its work. Work may be on a machine of the file or on one that an imported file declares.
 *
 * @param file the syntax tree
 * @param own the structures of this file
 * @param imported machines of imported files, each elaborated in its own file
 * @param reuse what is left of the last time
 */
export function elaborate(
  file: PcieFile,
  own: FileStructures,
  imported: readonly ElaboratedMachine[] = [],
  reuse?: Reuse,
): Elaboration {
  const problems: Problem[] = [...own.partProblems];
  const visible = [...own.machines, ...imported];
  const machines: ElaboratedMachine[] = [];
  const machineOf = new Map<AstNode, ElaboratedMachine>();
  const work = workByMachine(file.statements, visible, problems);
  for (const structure of visible) {
    const isOwn = own.machines.includes(structure);
    const statements = work.get(structure) ?? [];
    if (!isOwn && statements.length === 0) continue;
    const elaborated = elaborateWork(structure, statements, reuse);
    problems.push(...(isOwn ? structure.problems : []), ...elaborated.problems);
    const whole = { ...elaborated, problems: [...structure.problems, ...elaborated.problems] };
    machines.push(whole);
    machineOf.set(structure.node, whole);
    for (const statement of statements) machineOf.set(statement, whole);
  }
  for (const statement of file.statements) checkTopLevel(statement, problems);
  problems.sort((a, b) => (a.node.$cstNode?.offset ?? 0) - (b.node.$cstNode?.offset ?? 0));
  return { machines, machineOf, problems };
}

function checkTopLevel(statement: Statement, problems: Problem[]): void {
  switch (statement.$type) {
    case 'Import':
    case 'Part':
    case 'Template':
    case 'Machine':
    case 'Scenario':
    case 'Transfer':
    case 'Expectation':
      return;
    case 'Activity':
      if (statement.kind === 'job' || statement.kind === 'pipeline' || statement.kind === 'collective') return;
      break;
    case 'Property':
      reportMisplaced(
        statement,
        'file',
        problems,
        ' Put it into the machine, the component or the work that it is about.',
      );
      return;
    default:
      break;
  }
  reportMisplaced(statement, 'file', problems);
}

/** The stages "elaborated" and "trained" of one machine. */
function elaborateStructure(
  node: MachineNode,
  environment: Environment,
  parts: PartReader,
  reuse: Reuse | undefined,
): ElaboratedMachine {
  const expander = new Expander(environment, parts, reuse);
  expander.expandMachine(node);
  // Overrides come last: they may name anything that the statements before them made.
  for (const { node: override, place } of expander.deferred.overrides) {
    const names = indexOf(node.name, expander.components);
    for (const thing of resolveReference(override.target, names, expander.problems)) {
      if (!thing.memory) expander.applyOverride(thing.id, override, place.bindings, place.via);
    }
  }
  const { components, problems } = expander;
  const names = reuse?.namesOf(node.name, components) ?? indexOf(node.name, components);
  const children: number[][] = components.map(() => []);
  components.forEach((component, id) => {
    if (component.parent !== null) children[component.parent]?.push(id);
  });
  const areUnique = !reportDuplicates(components, problems);
  reuse?.keepNames(node.name, components, areUnique ? names : undefined);
  const linuxTargets = expander.deferred.acsRedirections.flatMap((property) =>
    property.clauses.flatMap((clause) => clause.targets.flatMap((target) => resolveReference(target, names, problems))),
  );
  const draft: MachineDraft = {
    name: node.name,
    components: components.map((component, id) => freeze(component, id, children[id] ?? [], components, reuse)),
    connections: readConnections(expander, names, parts),
    firmware: { ...expander.firmware },
    linux: { ...expander.linux, disableAcsRedirComponents: linuxTargets.map((thing) => thing.id) },
    virtualMachines: readVirtualMachines(expander, names),
    partitions: readPartitions(expander, names),
    allows: expander.allows,
    assumptions: [],
    origin: originOf(node),
  };
  const machine = trainMachine(draft);
  const context: WorkContext = { machine, names, problems };
  const componentsOf = new Map<AstNode, number[]>();
  components.forEach((component, id) => {
    const ids = componentsOf.get(component.node);
    if (ids === undefined) componentsOf.set(component.node, [id]);
    else ids.push(id);
  });
  const elaborated: ElaboratedMachine = {
    node,
    machine,
    names,
    work: { transfers: [], scenarios: [], expectations: expectationsOf(expander.deferred.expectations, context) },
    nodes: components.map((component) => component.node),
    componentsOf,
    transfersOf: new Map(),
    scenarioOf: new Map(),
    problems,
  };
  reuse?.keepMachine(elaborated, expander.chain);
  return elaborated;
}

function indexOf(machine: string, components: readonly Expanded[]): NameIndex {
  const sockets = components.flatMap((component, id) => (component.kind === 'socket' ? [id] : []));
  return new NameIndex(
    machine,
    components.map((component) => component.name),
    sockets,
  );
}

function freeze(
  expanded: Expanded,
  id: number,
  children: readonly number[],
  all: readonly Expanded[],
  reuse: Reuse | undefined,
): Component {
  const { draft } = expanded;
  // What a switch says of ACS holds for its ports, unless a port says otherwise.
  const around = expanded.kind === 'port' && expanded.parent !== null ? all[expanded.parent]?.draft : undefined;
  const kept = reuse?.component(expanded, id, children, around);
  if (kept !== undefined) return kept;
  const component: Component = {
    id,
    kind: expanded.kind,
    label: expanded.label,
    name: expanded.name,
    parts: expanded.parts,
    parent: expanded.parent,
    children,
    settings: draft.settings,
    said: draft.said,
    unknown: draft.unknown,
    acs: draft.acsOrigin === null && around !== undefined ? around.acs : draft.acs,
    acsCapability: draft.acsCapability ?? around?.acsCapability ?? null,
    bars: draft.bars,
    sriov: draft.sriov,
    functions: draft.functions,
    subunits: draft.subunits,
    apertures: draft.apertures,
    allows: draft.allows,
    origin: expanded.origin,
    nameOrigin: expanded.nameOrigin,
  };
  reuse?.keepComponent(expanded, around, component);
  return component;
}

/** Says whether there were any. */
function reportDuplicates(components: readonly Expanded[], problems: Problem[]): boolean {
  const first = new Map<string, Expanded>();
  const reported = new Set<AstNode>();
  for (const component of components) {
    const other = first.get(component.name);
    if (other === undefined) {
      first.set(component.name, component);
      continue;
    }
    if (reported.has(component.node)) continue;
    reported.add(component.node);
    problems.push({
      code: 'names/duplicate',
      message: `There are two things called ${component.name}: names in one block must differ.`,
      node: component.node,
      property: 'name',
      fixes: [],
      related: [{ node: other.node, message: 'the first one' }],
    });
  }
  return reported.size > 0;
}

function readConnections(expander: Expander, names: NameIndex, parts: PartReader): Connection[] {
  const result: Connection[] = [];
  const { problems } = expander;
  for (const { node, place } of expander.deferred.connections) {
    if (node.from === undefined || node.to === undefined) continue;
    const draft: ConnectionDraft = { technology: null, links: null, bytesPerSecond: null, latencySeconds: null };
    let partName: string | null = null;
    if (node.part !== undefined) {
      const part = parts.resolve(node.part, place.bindings, problems);
      const read = part === undefined ? undefined : parts.read(part);
      if (part !== undefined && read !== undefined && read.kind !== 'interconnect') {
        problems.push({
          code: 'part/wrong-kind',
          message: `${part.name} is a ${read.kind ?? 'part without a kind'}; a connection needs an interconnect.`,
          node,
          property: 'part',
          fixes: [],
        });
      } else if (part !== undefined && read !== undefined) {
        Object.assign(draft, read.connection);
        partName = part.name;
      }
    }
    readProperties(node.members, 'interconnect', draft, { problems, bindings: place.bindings, via: place.via });
    const pairs = new Set<string>();
    for (const from of resolveReference(node.from, names, problems)) {
      for (const to of resolveReference(node.to, names, problems)) {
        const key = [from.id, to.id].sort((a, b) => a - b).join('-');
        if (from.id === to.id || pairs.has(key)) continue;
        pairs.add(key);
        result.push({
          id: result.length,
          name: `${names.shortest(from.id)} <-> ${names.shortest(to.id)}`,
          from: from.id,
          to: to.id,
          technology: draft.technology ?? 'unknown',
          part: partName,
          links: draft.links ?? 1,
          bytesPerSecond: draft.bytesPerSecond,
          latencySeconds: draft.latencySeconds,
          origin: originOf(node, place.via),
        });
      }
    }
  }
  return result;
}

function clauseIds(node: Subunit, word: string, names: NameIndex, problems: Problem[]): number[] {
  return node.clauses
    .filter((clause) => clause.word === word)
    .flatMap((clause) => clause.targets.flatMap((target) => resolveReference(target, names, problems)))
    .map((thing) => thing.id);
}

function readVirtualMachines(expander: Expander, names: NameIndex): VirtualMachine[] {
  return expander.deferred.groups
    .filter(({ node }) => node.kind === 'vm' && node.name !== undefined)
    .map(({ node }) => {
      readPlainSettings(node.members, 'vm', { problems: expander.problems, bindings: noBindings, via: undefined });
      return { name: node.name, devices: clauseIds(node, 'for', names, expander.problems), origin: originOf(node) };
    });
}

function readPartitions(expander: Expander, names: NameIndex): SwitchPartition[] {
  return expander.deferred.groups
    .filter(({ node, parent }) => node.kind === 'partition' && node.name !== undefined && parent !== null)
    .map(({ node, parent }) => ({
      name: node.name,
      switch: parent ?? -1,
      ports: clauseIds(node, 'for', names, expander.problems),
      upstream: clauseIds(node, 'to', names, expander.problems)[0] ?? null,
      origin: originOf(node),
    }));
}
