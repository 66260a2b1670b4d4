import type { ComponentKind } from '../../model/machine.ts';
import type { Origin } from '../../model/origin.ts';
import type { Part, PartUse, Property, Statement } from '../generated/ast.ts';
import type { ConnectionDraft } from '../schema/policy.ts';
import type { ComponentDraft, Context } from '../schema/property.ts';
import type { Environment } from './environment.ts';
import { namesFor, nearestParts } from './part-names.ts';
import type { Problem } from './problem.ts';
import { checkRepeated, type ReadContext, readProperty, reportMisplaced } from './properties.ts';
import { type Bindings, noBindings, parameterText } from './values.ts';

/** An empty component: everything unknown, ACS as firmware and kernel leave it. */
export function emptyDraft(): ComponentDraft {
  return {
    settings: {},
    said: {},
    unknown: [],
    acs: 'default',
    acsOrigin: null,
    acsCapability: null,
    bars: [],
    barOrigins: new Map(),
    sriov: null,
    functions: [],
    subunits: [],
    apertures: [],
    allows: [],
  };
}

/** A draft that can be changed without changing the one it was made from. */
export function cloneDraft(draft: ComponentDraft): ComponentDraft {
  return {
    ...draft,
    settings: { ...draft.settings },
    said: { ...draft.said },
    unknown: [...draft.unknown],
    bars: [...draft.bars],
    barOrigins: new Map(draft.barOrigins),
    functions: [...draft.functions],
    subunits: [...draft.subunits],
    apertures: [...draft.apertures],
    allows: [...draft.allows],
  };
}

/** A part read to the end: what it says together with all it inherits. */
export interface ReadPart {
  readonly kind: ComponentKind | 'interconnect' | null;
  /** Its own name, then the names of what it inherits from. */
  readonly chain: readonly string[];
  readonly draft: ComponentDraft;
  readonly connection: ConnectionDraft;
}

const emptyConnection: ConnectionDraft = { technology: null, links: null, bytesPerSecond: null, latencySeconds: null };

/**
 * Reads parts, each once. Problems inside a part belong to the file that declares it: they are reported by
 * `problemsOf`, not to every user of the part.
 */
export class PartReader {
  readonly #environment: Environment;
  readonly #read = new Map<Part, ReadPart>();
  readonly #problems = new Map<Part, Problem[]>();
  readonly #reading = new Set<Part>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The part with all that it inherits. A circle of inheritance ends where it closes. */
  read(part: Part): ReadPart {
    const done = this.#read.get(part);
    if (done !== undefined) return done;
    const problems: Problem[] = [];
    this.#problems.set(part, problems);
    this.#reading.add(part);
    const base = this.#base(part, problems);
    this.#reading.delete(part);
    const draft = base === undefined ? emptyDraft() : cloneDraft(base.draft);
    const connection = { ...(base?.connection ?? emptyConnection) };
    const own = (part.kind ?? null) as ReadPart['kind'];
    const kind = own ?? base?.kind ?? null;
    if (kind === null) {
      problems.push({
        code: 'part/no-kind',
        message: `Say what kind of part this is: \`part gpu ${part.name}\`, or what it inherits from.`,
        node: part,
        property: 'name',
        fixes: [],
      });
    } else if (base !== undefined && base.kind !== null && base.kind !== kind) {
      problems.push({
        code: 'part/kind-mismatch',
        message: `${part.name} is a ${kind} and cannot inherit from ${part.base?.$refText ?? ''}, a ${base.kind}.`,
        node: part,
        property: 'base',
        fixes: [],
      });
    }
    if (kind !== null) {
      const read: ReadContext = { problems, bindings: noBindings, via: undefined };
      readPartMembers(part.members, kind, kind === 'interconnect' ? connection : draft, read, new Map());
    }
    const result = { kind, chain: [part.name, ...(base?.chain ?? [])], draft, connection };
    this.#read.set(part, result);
    return result;
  }

  /** What is wrong inside a part. */
  problemsOf(part: Part): readonly Problem[] {
    this.read(part);
    return this.#problems.get(part) ?? [];
  }

  /** The part that a component names, by itself or through a template's parameter. Reports one that there is not. */
  resolve(use: PartUse, bindings: Bindings, problems: Problem[]): Part | undefined {
    const name = use.parameter === undefined ? use.part?.$refText : parameterText(use.parameter, bindings);
    if (name === undefined) {
      if (use.parameter !== undefined) {
        problems.push({
          code: 'template/unknown-parameter',
          message: `${use.parameter} stands for no part here.`,
          node: use,
          property: 'parameter',
          fixes: [],
        });
      }
      return undefined;
    }
    const part = this.#environment.parts.get(name);
    // A name that stands in the text is the linker's to report; one that came by a parameter is ours.
    if (part === undefined && use.parameter !== undefined) problems.push(unknownPart(name, use, this.#environment));
    return part;
  }

  #base(part: Part, problems: Problem[]): ReadPart | undefined {
    const name = part.base?.$refText;
    if (name === undefined) return undefined;
    const base = this.#environment.parts.get(name);
    if (base === undefined) return undefined;
    if (base === part || this.#reading.has(base)) {
      problems.push({
        code: 'part/inheritance-cycle',
        message: `${part.name} inherits from itself through ${name}.`,
        node: part,
        property: 'base',
        fixes: [],
      });
      return undefined;
    }
    return this.read(base);
  }
}

function unknownPart(name: string, node: PartUse, environment: Environment): Problem {
  const guesses = nearestParts(name, namesFor(node, environment.parts));
  return {
    code: 'part/unknown',
    message: unknownPartMessage(name, guesses),
    node,
    property: 'parameter',
    fixes: guesses.map((text) => ({ title: `Use ${text}`, text })),
  };
}

/** What is said of a part that nobody declares. */
export function unknownPartMessage(name: string, guesses: readonly string[]): string {
  const hint =
    guesses.length > 0
      ? ` Did you mean ${guesses.join(' or ')}?`
      : ' Declare it, import the file that does, or choose one of the catalogue.';
  return `There is no part '${name}'.${hint}`;
}

/** Members of a part: properties, alone or under the `source` that states them. */
function readPartMembers(
  members: readonly Statement[],
  context: Context,
  target: unknown,
  read: ReadContext,
  seen: Map<string, Property>,
): void {
  for (const member of members) {
    if (member.$type !== 'Property') {
      reportMisplaced(
        member,
        context,
        read.problems,
        ' A part says what a device is, not what is plugged into it: use a template.',
      );
      continue;
    }
    if (member.key === 'source') {
      readPartMembers(member.members, context, target, read, seen);
      continue;
    }
    checkRepeated(member, context, seen, read.problems);
    readProperty(member, context, target, read);
  }
}

/** Copies what a part says into a component that uses it; the places are reached through the component. */
export function applyPart(part: ReadPart, target: ComponentDraft, via: Origin): void {
  const said: ComponentDraft['said'] = {};
  for (const [field, origin] of Object.entries(part.draft.said)) {
    said[field as keyof typeof said] = { ...origin, via };
  }
  const copy = cloneDraft(part.draft);
  Object.assign(target, copy, { said, allows: [...target.allows, ...copy.allows] });
}
