import { numaNode } from '../../model/peer/distance-class.ts';
import type { EndpointRef, GpuProcess, OtherActivity, Scenario, Transfer, Via } from '../../model/work.ts';
import type {
  Activity,
  Clause,
  Scenario as ScenarioNode,
  Statement,
  Subunit,
  Timed,
  Transfer as TransferNode,
} from '../generated/ast.ts';
import { ValueCursor } from '../schema/cursor.ts';
import { activitiesIn } from '../schema/places.ts';
import type { Context } from '../schema/property.ts';
import { readQuantity } from '../schema/readers.ts';
import { readPlainSettings } from './plain-settings.ts';
import { nearest, originOf } from './problem.ts';
import { readProcess } from './processes.ts';
import { reportMisplaced } from './properties.ts';
import { noBindings } from './values.ts';
import {
  afterOf,
  expectationsOf,
  keepExpectations,
  number,
  read,
  reportEmpty,
  targets,
  type WorkContext,
} from './work-context.ts';

/** `ssd0 -> gpu0`: what an unnamed transfer is called. */
function defaultName(from: EndpointRef, to: EndpointRef, context: WorkContext): string {
  const name = (end: EndpointRef) => context.machine.components[end.component]?.label ?? '?';
  return `${name(from)} -> ${name(to)}`;
}

/** A transfer, or several where an end names several devices; none where an end does not resolve. */
export function readTransfer(node: TransferNode, context: WorkContext, atSeconds: number): Transfer[] {
  const values = readPlainSettings(node.members, 'transfer', read(context), keepExpectations);
  const near = memoryOfNode(node, number(values.numaNode), context);
  const moved = (end: EndpointRef): EndpointRef => (end.memory && near !== null ? { ...end, component: near } : end);
  const from = targets(node.clauses, 'from', context).map(moved);
  const to = targets(node.clauses, 'to', context).map(moved);
  for (const word of ['from', 'to'] as const) {
    if (!node.clauses.some((clause) => clause.word === word)) {
      context.problems.push({
        code: 'work/missing-end',
        message: `Say where the transfer ${word === 'from' ? 'comes from' : 'goes to'}: \`${word} <device>\`.`,
        node,
        fixes: [],
      });
    }
  }
  const bytes = number(values.bytes);
  if (bytes === null && !mentions(node.members, 'size')) {
    context.problems.push({
      code: 'work/missing-size',
      message: 'Say how much is transferred: `size 1 GiB`.',
      node,
      property: 'name',
      fixes: [],
    });
  }
  reportEmpty(node, bytes, context);
  if (bytes === null || bytes <= 0) return [];
  const by = targets(node.clauses, 'by', context)[0]?.component ?? null;
  const after = afterOf(node.clauses);
  const result: Transfer[] = [];
  for (const source of from) {
    for (const target of to) {
      const name = node.name ?? defaultName(source, target, context);
      if (source.component === target.component && source.memory === target.memory)
        reportSameEnds(node, source, context);
      result.push({
        name:
          from.length * to.length > 1 && node.name !== undefined
            ? `${node.name} ${defaultName(source, target, context)}`
            : name,
        from: source,
        to: target,
        bytes,
        blockBytes: number(values.blockBytes),
        depth: number(values.depth),
        ...(typeof values.alignmentBytes === 'number' ? { offsetBytes: values.alignmentBytes % 4096 } : {}),
        ...(typeof values.windowBytes === 'number' ? { windowBytes: values.windowBytes } : {}),
        ...(values.cached === true ? { cached: true } : {}),
        ...(typeof values.repeat === 'number' ? { repeat: values.repeat } : {}),
        ...(values.pinned === false ? { pinned: false } : {}),
        via: (values.via as Via | undefined) ?? 'auto',
        initiator: by,
        ...(after.length === 0 ? {} : { after }),
        operation: (values.operation as 'read' | 'write' | undefined) ?? null,
        startSeconds: atSeconds + (number(values.startSeconds) ?? 0),
        expectations: expectationsOf(node.members, context),
        origin: originOf(node),
      });
    }
  }
  return result;
}

/** The socket of a NUMA node; null where none is said, and, with a problem, where there is none. */
function memoryOfNode(node: TransferNode, wanted: number | null, context: WorkContext): number | null {
  if (wanted === null) return null;
  const { components } = context.machine;
  const socket = components.find((one) => one.kind === 'socket' && numaNode(context.machine, one.id) === wanted);
  if (socket !== undefined) return socket.id;
  context.problems.push({
    code: 'language/bad-value',
    message: `There is no NUMA node ${wanted}.`,
    node: node.members.find((one) => one.$type === 'Property' && one.key === 'numa') ?? node,
    fixes: [],
  });
  return null;
}

function reportSameEnds(node: TransferNode, end: EndpointRef, context: WorkContext): void {
  const name = context.machine.components[end.component]?.name ?? '';
  context.problems.push({
    code: 'work/same-ends',
    message: `Both ends are ${end.memory ? `${name}.memory` : name}: no link carries anything.`,
    node,
    property: 'clauses',
    fixes: [],
  });
}

function mentions(members: readonly Statement[], key: string): boolean {
  return members.some((member) => member.$type === 'Property' && member.key === key);
}

/** A scenario with all that happens in it. */
export function readScenario(node: ScenarioNode, context: WorkContext): Scenario {
  const transfers: Transfer[] = [];
  const processes: GpuProcess[] = [];
  const activities: OtherActivity[] = [];
  const take = (statement: Statement, atSeconds: number) => {
    switch (statement.$type) {
      case 'Transfer':
        transfers.push(...readTransfer(statement, context, atSeconds));
        return;
      case 'Activity':
        if (!(activitiesIn[statement.kind] ?? []).includes('scenario'))
          reportMisplaced(statement, 'scenario', context.problems);
        else if (statement.kind === 'process') processes.push(...readProcess(statement, context, atSeconds));
        else activities.push(readActivity(statement, context, atSeconds));
        return;
      case 'Timed':
        // In a broken text there may be nothing behind the time.
        if (statement.statement !== undefined) take(statement.statement, atSeconds + readTime(statement, context));
        return;
      case 'Expectation':
      case 'Allow':
        return;
      default:
        reportMisplaced(statement, 'scenario', context.problems);
    }
  };
  for (const member of node.members) take(member, 0);
  return {
    name: node.name,
    transfers: uniqueNames(transfers),
    processes,
    activities,
    expectations: expectationsOf(node.members, context),
    origin: originOf(node),
  };
}

/** Unnamed transfers between the same ends get a number, so that results can be told apart. */
function uniqueNames(transfers: readonly Transfer[]): Transfer[] {
  const count = new Map<string, number>();
  return transfers.map((transfer) => {
    const before = count.get(transfer.name) ?? 0;
    count.set(transfer.name, before + 1);
    return before === 0 ? transfer : { ...transfer, name: `${transfer.name} #${before + 1}` };
  });
}

function readTime(node: Timed, context: WorkContext): number {
  // In a broken text the time may be missing.
  const time: Timed['time'] | undefined = node.time;
  const cursor = new ValueCursor(time === undefined ? [] : [time], noBindings);
  const low = time?.high === undefined ? time?.low : undefined;
  const value = low === undefined ? undefined : readQuantity(low, 'seconds', cursor);
  for (const problem of cursor.problems) {
    context.problems.push({
      code: problem.code,
      message: problem.message,
      node,
      property: 'time',
      fixes: problem.fixes,
    });
  }
  return value ?? 0;
}

/** Kinds of activity that the simulator runs; it leaves the others out, and a diagnostic says so. */
const simulated: ReadonlySet<string> = new Set(['job', 'pipeline', 'stage', 'collective']);

/** A job, a pipeline with its stages, or a collective. A transfer in a pipeline is a stage of it. */
export function readActivity(node: Activity, context: WorkContext, atSeconds: number): OtherActivity {
  const kind = node.kind as Context;
  const settings = readPlainSettings(
    node.members,
    kind,
    read(context),
    (member) =>
      keepExpectations(member) ||
      member.$type === 'Activity' ||
      member.$type === 'Transfer' ||
      namesNamespace(member, kind),
  );
  const on = targets(node.clauses, 'on', context);
  for (const member of node.members) {
    if (!namesNamespace(member, kind) || member.name === undefined) continue;
    settings.namespace = member.name;
    reportNoNamespace(member, on, context);
  }
  reportEmpty(node, settings.bytes, context);
  if (!simulated.has(kind)) {
    context.problems.push({
      code: 'work/not-simulated',
      message: `A ${node.kind} is understood but not simulated yet: the run leaves it out.`,
      node,
      property: 'kind',
      fixes: [],
    });
  }
  if (kind === 'stage') reportAfter(node.clauses, context);
  const after = kind === 'stage' ? [] : afterOf(node.clauses);
  return {
    kind: node.kind,
    name: node.name ?? node.kind,
    startSeconds: atSeconds + (number(settings.startSeconds) ?? 0),
    ...(after.length === 0 ? {} : { after }),
    on,
    from: targets(node.clauses, 'from', context),
    to: targets(node.clauses, 'to', context),
    over: targets(node.clauses, 'over', context),
    settings,
    children: node.members.flatMap((member) => {
      if (member.$type === 'Activity') return [readActivity(member, context, atSeconds)];
      return member.$type === 'Transfer' ? readTransfer(member, context, atSeconds).map(asStage) : [];
    }),
    expectations: expectationsOf(node.members, context),
    origin: originOf(node),
  };
}

/** `namespace ns1` in a job: its word opens a declaration elsewhere, so the grammar reads it as one. */
function namesNamespace(member: Statement, context: Context): member is Subunit {
  return context === 'job' && member.$type === 'Subunit' && member.kind === 'namespace' && member.members.length === 0;
}

function reportNoNamespace(node: Subunit, on: readonly EndpointRef[], context: WorkContext): void {
  for (const { component } of on) {
    const drive = context.machine.components[component];
    if (drive?.kind !== 'nvme' && drive?.kind !== 'sata') continue;
    const labels = drive.subunits.filter((one) => one.kind === 'namespace').map((one) => one.label);
    if (labels.includes(node.name)) continue;
    const guesses = nearest(node.name, labels);
    context.problems.push({
      code: 'language/unresolved',
      message: `${drive.name} has no namespace '${node.name}'.${guesses.length > 0 ? ` Did you mean ${guesses.join(' or ')}?` : ''}`,
      node,
      property: 'name',
      fixes: guesses.map((guess) => ({ title: `Write ${guess}`, text: guess })),
    });
  }
}

/** Stages follow the order in which they stand. */
function reportAfter(clauses: readonly Clause[], context: WorkContext): void {
  for (const clause of clauses) {
    if (clause.word !== 'after') continue;
    context.problems.push({
      code: 'work/not-simulated',
      message: '`after` is passed over: stages of a pipeline follow each other in the order of the text.',
      node: clause,
      property: 'word',
      fixes: [],
    });
  }
}

function asStage(transfer: Transfer): OtherActivity {
  const { name, from, to, bytes, blockBytes, depth, via, operation, startSeconds, expectations, origin } = transfer;
  const settings: Record<string, number | string> = { bytes, via };
  if (blockBytes !== null) settings.blockBytes = blockBytes;
  if (depth !== null) settings.depth = depth;
  if (operation !== null) settings.operation = operation;
  return {
    kind: 'stage',
    name,
    startSeconds,
    on: [],
    from: [from],
    to: [to],
    over: [],
    settings,
    children: [],
    expectations,
    origin,
  };
}
