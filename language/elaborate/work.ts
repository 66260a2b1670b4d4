import type { Machine } from '../../model/machine.ts';
import type {
  EndpointRef,
  GpuProcess,
  OtherActivity,
  Scenario,
  Stream,
  StreamOperation,
  Transfer,
  Via,
} from '../../model/work.ts';
import type {
  Activity,
  Clause,
  Expectation as ExpectationNode,
  Property,
  PropertyClause,
  Scenario as ScenarioNode,
  Statement,
  Timed,
  Transfer as TransferNode,
} from '../generated/ast.ts';
import { activitiesIn } from '../schema/places.ts';
import type { Context } from '../schema/property.ts';
import { readQuantity, ValueCursor } from '../schema/readers.ts';
import { propertyIn } from '../schema/schema.ts';
import type { OperationDraft } from '../schema/work.ts';
import { readExpectation } from './expectations.ts';
import type { NameIndex } from './names.ts';
import { readPlainSettings } from './plain-settings.ts';
import { originOf, type Problem } from './problem.ts';
import { readProperty, reportMisplaced } from './properties.ts';
import { resolveReference } from './references.ts';
import { noBindings } from './values.ts';

/** What work is read against: one machine and its names. */
export interface WorkContext {
  readonly machine: Machine;
  readonly names: NameIndex;
  readonly problems: Problem[];
}

const read = (context: WorkContext) => ({ problems: context.problems, bindings: noBindings, via: undefined });
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The targets of all clauses that open with `word`. */
function targets(clauses: readonly (Clause | PropertyClause)[], word: string, context: WorkContext): EndpointRef[] {
  return clauses
    .filter((clause) => clause.word === word)
    .flatMap((clause) => clause.targets.flatMap((target) => resolveReference(target, context.names, context.problems)))
    .map((thing) => ({
      component: thing.id,
      memory: thing.memory || context.machine.components[thing.id]?.kind === 'socket',
    }));
}

/** `ssd0 -> gpu0`: what an unnamed transfer is called. */
function defaultName(from: EndpointRef, to: EndpointRef, context: WorkContext): string {
  const name = (end: EndpointRef) => context.machine.components[end.component]?.label ?? '?';
  return `${name(from)} -> ${name(to)}`;
}

/** A transfer, or several where an end names several devices; none where an end does not resolve. */
export function readTransfer(node: TransferNode, context: WorkContext, atSeconds: number): Transfer[] {
  const from = targets(node.clauses, 'from', context);
  const to = targets(node.clauses, 'to', context);
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
  const values = readPlainSettings(node.members, 'transfer', read(context), keepExpectations);
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
  if (bytes === null || bytes <= 0) return [];
  const by = targets(node.clauses, 'by', context)[0]?.component ?? null;
  reportUnused(node.members, ['numa'], context);
  const result: Transfer[] = [];
  for (const source of from) {
    for (const target of to) {
      const name = node.name ?? defaultName(source, target, context);
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
        operation: (values.operation as 'read' | 'write' | undefined) ?? null,
        startSeconds: atSeconds + (number(values.startSeconds) ?? 0),
        expectations: expectationsOf(node.members, context),
        origin: originOf(node),
      });
    }
  }
  return result;
}

function mentions(members: readonly Statement[], key: string): boolean {
  return members.some((member) => member.$type === 'Property' && member.key === key);
}

const keepExpectations = (statement: Statement) => statement.$type === 'Expectation' || statement.$type === 'Allow';

/** The expectations among some statements. */
export function expectationsOf(members: readonly Statement[], context: WorkContext) {
  return members
    .filter((member): member is ExpectationNode => member.$type === 'Expectation')
    .flatMap((member) => readExpectation(member, context.names, context.problems) ?? []);
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

function readProcess(node: Activity, context: WorkContext, atSeconds: number): GpuProcess[] {
  const on = targets(node.clauses, 'on', context);
  if (on.length === 0 && !node.clauses.some((clause) => clause.word === 'on')) {
    context.problems.push({
      code: 'work/missing-end',
      message: 'Say which GPU the process uses: `process train on gpu0`.',
      node,
      fixes: [],
    });
  }
  const streams: Stream[] = [];
  const own: StreamOperation[] = [];
  const pinned = pinnedOf(node.members) ?? true;
  const contexts = contextsIn(node.members);
  const collect = (members: readonly Statement[], within: string | null) => {
    for (const member of members) {
      if (member.$type === 'Activity' && member.kind === 'stream') {
        const name = member.name ?? `stream${streams.length}`;
        streams.push({
          name: within === null ? name : `${within}.${name}`,
          ...(within === null ? {} : { context: within }),
          operations: readOperations(member, context, { pinned: pinnedOf(member.members) ?? pinned, contexts }),
        });
      } else if (member.$type === 'Activity' && member.kind === 'context') {
        collect(member.members, `${within === null ? '' : `${within}.`}${member.name ?? 'context'}`);
      } else if (member.$type === 'Property' && isOperation(member, 'process')) {
        own.push(...readOperation(member, 'process', context, { pinned, contexts }));
      }
    }
  };
  collect(node.members, null);
  reportUnused(node.members, ['priority'], context);
  const values = readPlainSettings(
    node.members,
    'process',
    read(context),
    (member) =>
      keepExpectations(member) ||
      member.$type === 'Activity' ||
      (member.$type === 'Property' && isOperation(member, 'process')),
  );
  if (own.length > 0) streams.push({ name: 'default', operations: own });
  return on.map((device) => ({
    name: processName(node.name ?? 'process', device.component, on.length, context),
    device: device.component,
    startSeconds: atSeconds + (number(values.startSeconds) ?? 0),
    streams,
    ...coresOf(values.cores),
    ...(typeof values.instance === 'string' ? { instance: values.instance } : {}),
    ...(typeof values.numaNode === 'number' ? { numaNode: values.numaNode } : {}),
    ...(values.cold === true ? { cold: true } : {}),
    ...(values.code === 'ptx' ? { code: 'ptx' as const } : {}),
    ...(values.polling === false ? { polling: false } : {}),
    expectations: expectationsOf(node.members, context),
    origin: originOf(node),
  }));
}

/** Says of properties that the simulator does not know yet that the run passes them over. */
function reportUnused(members: readonly Statement[], keys: readonly string[], context: WorkContext): void {
  for (const member of members) {
    if (member.$type === 'Activity') reportUnused(member.members, keys, context);
    if (member.$type !== 'Property' || !keys.includes(member.key)) continue;
    context.problems.push({
      code: 'work/not-simulated',
      message: `\`${member.key}\` is understood but not simulated yet: the run passes it over.`,
      node: member,
      property: 'key',
      fixes: [],
    });
  }
}

/** A process on several GPUs is one on each, told apart by the name of the GPU. */
function processName(name: string, device: number, devices: number, { machine }: WorkContext): string {
  return devices > 1 ? `${name} ${machine.components[device]?.label ?? ''}` : name;
}

/** What holds for the operations of a stream: whether its memory is page-locked, and the contexts of its process. */
interface Around {
  readonly pinned: boolean;
  readonly contexts: ReadonlySet<string>;
}

function contextsIn(members: readonly Statement[]): ReadonlySet<string> {
  return new Set(
    members.flatMap((member) =>
      member.$type === 'Activity' && member.kind === 'context' && member.name !== undefined ? [member.name] : [],
    ),
  );
}

/** The context that `from` names, where it names one. */
function contextOf(node: Property, contexts: ReadonlySet<string>): string | undefined {
  const name = node.clauses.find((clause) => clause.word === 'from')?.targets[0]?.element?.$refText;
  return name !== undefined && contexts.has(name) ? name : undefined;
}

/** How many cores `cores 0..3 8` names; nothing where it names none. */
function coresOf(said: unknown): { cores?: number } {
  if (typeof said !== 'string') return {};
  const count = said.split(/\s+/).reduce((sum, part) => {
    const [low = Number.NaN, high = low] = part.split('..').map(Number);
    return high >= low ? sum + high - low + 1 : sum;
  }, 0);
  return count > 0 ? { cores: count } : {};
}

const operations = new Set(['copy', 'kernel', 'store', 'load', 'prefetch', 'synchronize']);
const isOperation = (member: Property, context: Context) =>
  operations.has(member.key) && propertyIn(context, member.key) !== undefined;

/** What `pinned on` or `pinned off` says for the copies of a stream or of a process. */
function pinnedOf(members: readonly Statement[]): boolean | undefined {
  const said = members.find((member): member is Property => member.$type === 'Property' && member.key === 'pinned');
  const low = said?.values[0]?.low;
  return low?.$type === 'WordValue' ? low.word !== 'off' : undefined;
}

function readOperations(stream: Activity, context: WorkContext, around: Around): StreamOperation[] {
  const result: StreamOperation[] = [];
  const settings: Statement[] = [];
  for (const member of stream.members) {
    if (member.$type === 'Property' && isOperation(member, 'stream'))
      result.push(...readOperation(member, 'stream', context, around));
    else if (member.$type === 'Record') result.push({ kind: 'record', event: member.name, origin: originOf(member) });
    else if (member.$type === 'Wait')
      result.push({ kind: 'wait', event: member.event?.$refText ?? '', origin: originOf(member) });
    else settings.push(member);
  }
  readPlainSettings(settings, 'stream', read(context));
  return result;
}

function readOperation(node: Property, context: Context, work: WorkContext, around: Around): StreamOperation[] {
  const draft: OperationDraft = { verb: node.key, values: {} };
  const before = work.problems.length;
  readProperty(node, context, draft, read(work));
  if (work.problems.length > before) return [];
  const origin = originOf(node);
  const bytes = number(draft.values.bytes);
  switch (draft.verb) {
    case 'copy': {
      const direction = draft.values.direction;
      if (bytes === null || (direction !== 'h2d' && direction !== 'd2h' && direction !== 'd2d' && direction !== 'p2p'))
        return [];
      const peer = [...targets(node.clauses, 'to', work), ...targets(node.clauses, 'from', work)][0] ?? null;
      const managed = draft.values.managed === true ? { memory: 'managed' as const } : {};
      const context = peer === null ? contextOf(node, around.contexts) : undefined;
      const owner = context === undefined ? {} : { fromContext: context, exported: draft.values.exported === true };
      return [
        {
          kind: 'copy',
          direction,
          bytes,
          peer,
          pinned: (draft.values.pinned ?? around.pinned) === true,
          ...managed,
          ...owner,
          origin,
        },
      ];
    }
    case 'kernel': {
      const { seconds, name } = draft.values;
      if (typeof seconds !== 'number') return [];
      return [{ kind: 'kernel', seconds, ...(typeof name === 'string' ? { name } : {}), origin }];
    }
    case 'store':
    case 'load':
    case 'prefetch': {
      if (bytes === null) return [];
      const peer = [...targets(node.clauses, 'to', work), ...targets(node.clauses, 'from', work)][0] ?? null;
      return [{ kind: draft.verb, bytes, peer, origin }];
    }
    case 'synchronize':
      return [{ kind: 'synchronize', origin }];
    default:
      return [];
  }
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
    (member) => keepExpectations(member) || member.$type === 'Activity' || member.$type === 'Transfer',
  );
  const on = targets(node.clauses, 'on', context);
  // Verbs of a NIC move memory, not blocks of a drive: NVMe over fabrics has no model.
  const isFabric =
    settings.engine === 'rdma' && on.some((end) => context.machine.components[end.component]?.kind !== 'nic');
  if (!simulated.has(kind) || isFabric) {
    context.problems.push({
      code: 'work/not-simulated',
      message: `A ${node.kind}${isFabric ? ' on a drive with engine rdma' : ''} is understood but not simulated yet: the run leaves it out.`,
      node,
      property: 'kind',
      fixes: [],
    });
  }
  return {
    kind: node.kind,
    name: node.name ?? node.kind,
    startSeconds: atSeconds + (number(settings.startSeconds) ?? 0),
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
