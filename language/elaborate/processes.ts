import type { GpuProcess, Stream, StreamOperation } from '../../model/work.ts';
import type { Activity, Property, Statement } from '../generated/ast.ts';
import { type OperationDraft, operationProperties } from '../schema/operations.ts';
import type { Context } from '../schema/property.ts';
import { propertyIn } from '../schema/schema.ts';
import { readPlainSettings } from './plain-settings.ts';
import { originOf } from './problem.ts';
import { readProperty } from './properties.ts';
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

/** A process of streams; several where it runs on several GPUs, none where it says none. */
export function readProcess(node: Activity, context: WorkContext, atSeconds: number): GpuProcess[] {
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
        const { operations, priority } = readOperations(member, context, {
          pinned: pinnedOf(member.members) ?? pinned,
          contexts,
        });
        streams.push({
          name: within === null ? name : `${within}.${name}`,
          ...(within === null ? {} : { context: within }),
          ...(priority === null ? {} : { priority }),
          operations,
        });
      } else if (member.$type === 'Activity' && member.kind === 'context') {
        collect(member.members, `${within === null ? '' : `${within}.`}${member.name ?? 'context'}`);
      } else if (member.$type === 'Property' && isOperation(member, 'process')) {
        own.push(...readOperation(member, 'process', context, { pinned, contexts }));
      }
    }
  };
  collect(node.members, null);
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
  const ofProcess = number(values.priority);
  const prioritised = streams.map((stream) => (ofProcess === null ? stream : { priority: ofProcess, ...stream }));
  const after = afterOf(node.clauses);
  return on.map((device) => ({
    name: processName(node.name ?? 'process', device.component, on.length, context),
    device: device.component,
    startSeconds: atSeconds + (number(values.startSeconds) ?? 0),
    streams: prioritised,
    ...coresOf(values.cores),
    ...(typeof values.instance === 'string' ? { instance: values.instance } : {}),
    ...(typeof values.numaNode === 'number' ? { numaNode: values.numaNode } : {}),
    ...(values.cold === true ? { cold: true } : {}),
    ...(values.code === 'ptx' ? { code: 'ptx' as const } : {}),
    ...(typeof values.opens === 'string' ? { opens: values.opens.split(' ') } : {}),
    ...(values.polling === false ? { polling: false } : {}),
    ...(after.length === 0 ? {} : { after }),
    expectations: expectationsOf(node.members, context),
    origin: originOf(node),
  }));
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

const operations = new Set(operationProperties.map(({ name }) => name));
const isOperation = (member: Property, context: Context) =>
  operations.has(member.key) && propertyIn(context, member.key) !== undefined;

/** What `pinned on` or `pinned off` says for the copies of a stream or of a process. */
function pinnedOf(members: readonly Statement[]): boolean | undefined {
  const said = members.find((member): member is Property => member.$type === 'Property' && member.key === 'pinned');
  const low = said?.values[0]?.low;
  return low?.$type === 'WordValue' ? low.word !== 'off' : undefined;
}

function readOperations(stream: Activity, context: WorkContext, around: Around) {
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
  const { priority } = readPlainSettings(settings, 'stream', read(context));
  return { operations: result, priority: number(priority) };
}

function readOperation(node: Property, context: Context, work: WorkContext, around: Around): StreamOperation[] {
  const draft: OperationDraft = { verb: node.key, values: {} };
  const before = work.problems.length;
  readProperty(node, context, draft, read(work));
  if (work.problems.length > before) return [];
  const origin = originOf(node);
  const bytes = number(draft.values.bytes);
  reportEmpty(node, bytes, work);
  switch (draft.verb) {
    case 'copy': {
      const direction = draft.values.direction;
      if (bytes === null || (direction !== 'h2d' && direction !== 'd2h' && direction !== 'd2d' && direction !== 'p2p'))
        return [];
      const peer = [...targets(node.clauses, 'to', work), ...targets(node.clauses, 'from', work)][0] ?? null;
      const managed = draft.values.managed === true ? { memory: 'managed' as const, ...walkOf(draft) } : {};
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
    case 'export':
    case 'attach': {
      if (bytes === null) return [];
      return [{ kind: draft.verb, bytes, peer: targets(node.clauses, 'from', work)[0] ?? null, origin }];
    }
    case 'suspend':
    case 'resume':
      return bytes === null ? [] : [{ kind: draft.verb, bytes, origin }];
    case 'flip':
    case 'synchronize':
      return [{ kind: draft.verb, origin }];
    default:
      return [];
  }
}

/** How managed memory is touched, where that is not in order. */
function walkOf({ values }: OperationDraft): { walk?: 'random' | { strideBytes: number } } {
  if (values.touched === 'random') return { walk: 'random' };
  const stride = number(values.strideBytes);
  return values.touched === 'stride' && stride !== null && stride > 0 ? { walk: { strideBytes: stride } } : {};
}
