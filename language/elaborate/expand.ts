import type { ComponentKind, Subunit as SubunitModel } from '../../model/machine.ts';
import type { Origin } from '../../model/origin.ts';
import type {
  Component as ComponentNode,
  Connection as ConnectionNode,
  Expectation,
  Machine as MachineNode,
  Override,
  Property,
  Statement,
  Subunit,
  Use,
  Value,
} from '../generated/ast.ts';
import { componentsIn, subunitsIn } from '../schema/places.ts';
import type { FirmwareDraft, LinuxDraft } from '../schema/policy.ts';
import type { ComponentDraft, Context } from '../schema/property.ts';
import { type Copy, deal, repetitions } from './copies.ts';
import type { Environment } from './environment.ts';
import { readLink } from './link-terms.ts';
import { applyPart, cloneDraft, emptyDraft, type PartReader } from './parts.ts';
import { readPlainSettings } from './plain-settings.ts';
import { originOf, type Problem } from './problem.ts';
import {
  checkRepeated,
  contextName,
  readProperties,
  readProperty,
  reportMisplaced,
  reportUndealt,
} from './properties.ts';
import { placeBlock, type Reuse } from './reuse.ts';
import { type Bindings, evaluateRange, noBindings } from './values.ts';

/** A component before it becomes part of a machine. */
export interface Expanded {
  readonly kind: ComponentKind;
  readonly label: string;
  readonly name: string;
  readonly parent: number | null;
  readonly parts: readonly string[];
  readonly draft: ComponentDraft;
  readonly node: ComponentNode;
  readonly origin: Origin;
  readonly nameOrigin: Origin;
}

/** The place in which statements are expanded. */
interface Place {
  readonly context: Context;
  readonly parent: number | null;
  readonly prefix: string;
  readonly copies: readonly Copy[];
  readonly bindings: Bindings;
  readonly via: Origin | undefined;
  readonly depth: number;
}

/** Statements of a machine that need the names of its components: read once all components are there. */
export interface Deferred {
  readonly connections: {
    readonly node: ConnectionNode;
    readonly place: { bindings: Bindings; via: Origin | undefined };
  }[];
  readonly overrides: { readonly node: Override; readonly place: { bindings: Bindings; via: Origin | undefined } }[];
  readonly groups: { readonly node: Subunit; readonly parent: number | null }[];
  readonly acsRedirections: Property[];
  readonly expectations: Expectation[];
}

/** More than a machine can have: stops a slip of the keyboard such as `[0..99999999]`. */
export const mostComponents = 200_000;
const deepestNesting = 64;
/** Components so deep in others are kept by themselves; what lies deeper with those around it. */
const deepestKept = 3;

/**
 * Turns the statements of a machine into components: templates written out, ranges repeated, parts applied.
 * A range in a block that holds many (a socket, a switch) repeats; a range below a port, which holds one device,
 * is dealt out over the copies of the ports around it.
 */
export class Expander {
  readonly components: Expanded[] = [];
  readonly problems: Problem[] = [];
  readonly deferred: Deferred = { connections: [], overrides: [], groups: [], acsRedirections: [], expectations: [] };
  readonly allows: ComponentDraft['allows'] = [];
  readonly firmware: FirmwareDraft = { above4g: undefined, resizableBar: undefined, sriov: undefined, apertures: [] };
  readonly linux: LinuxDraft = {
    version: undefined,
    iommu: undefined,
    invalidation: undefined,
    iommuPageBytes: undefined,
    mps: undefined,
    disableAcsRedir: [],
    configAcs: [],
    disableAcsRedirComponents: [],
    isolation: undefined,
  };
  readonly parts: PartReader;
  readonly #environment: Environment;
  readonly #reuse: Reuse | undefined;
  #full = false;
  /** Problems that were left out because they were reported before. */
  #unsaid = 0;

  /** @param reuse what is left of the last time that the same file was expanded */
  constructor(environment: Environment, parts: PartReader, reuse?: Reuse) {
    this.#environment = environment;
    this.parts = parts;
    this.#reuse = reuse;
  }

  /** The machine and those that it inherits from, the last of them first. */
  readonly chain: MachineNode[] = [];

  /** The statements of a machine, those of its base first. */
  expandMachine(machine: MachineNode): void {
    const { chain } = this;
    for (let at: MachineNode | undefined = machine; at !== undefined; ) {
      if (chain.includes(at)) {
        this.#report('machine/inheritance-cycle', `${machine.name} inherits from itself.`, machine, 'base');
        break;
      }
      chain.unshift(at);
      const base: string | undefined = at.base?.$refText;
      if (base === undefined) break;
      const next: MachineNode | undefined = this.#environment.machines.get(base);
      at = next;
    }
    for (const node of chain) {
      this.#expandMembers(node.members, {
        context: 'machine',
        parent: null,
        prefix: '',
        copies: [],
        bindings: noBindings,
        via: node === machine ? undefined : originOf(machine),
        depth: 0,
      });
    }
  }

  /** The body and the header of an override, on a component that is there already. */
  applyOverride(id: number, node: Override, bindings: Bindings, via: Origin | undefined): void {
    const before = this.components[id];
    if (before === undefined) return;
    // Without the override it may be wanted again.
    const target = { ...before, draft: cloneDraft(before.draft) };
    this.components[id] = target;
    if (node.part !== undefined) {
      const part = this.parts.resolve(node.part, bindings, this.problems);
      if (part !== undefined) applyPart(this.parts.read(part), target.draft, originOf(node, via));
    }
    readLink(node.link, node, target.draft, { bindings, via, problems: this.problems });
    this.#expandMembers(node.members, {
      context: target.kind,
      parent: id,
      prefix: `${target.name}.`,
      copies: [],
      bindings,
      via,
      depth: 0,
    });
  }

  #expandMembers(members: readonly Statement[], place: Place): void {
    if (place.depth > deepestNesting) {
      const [first] = members;
      if (first !== undefined)
        this.#report('language/too-deep', `Blocks are nested more than ${deepestNesting} deep.`, first);
      return;
    }
    const seen = new Map<string, Property>();
    for (const member of members) {
      if (this.#full) return;
      this.#expandMember(member, place, seen);
    }
  }

  #expandMember(member: Statement, place: Place, seen: Map<string, Property>): void {
    const draft = place.parent === null ? null : (this.components[place.parent]?.draft ?? null);
    switch (member.$type) {
      case 'Component':
        this.#expandBlock(member, place);
        return;
      case 'Property':
        this.#expandProperty(member, place, draft, seen);
        return;
      case 'Use':
        this.#expandUse(member, place);
        return;
      case 'Subunit':
        this.#expandSubunit(member, place, draft);
        return;
      case 'Allow': {
        const allow = {
          code: member.code,
          reason: member.reason === undefined ? null : member.reason,
          origin: originOf(member, place.via),
        };
        (draft === null ? this.allows : draft.allows).push(allow);
        return;
      }
      case 'Connection':
        if (place.context === 'machine') this.deferred.connections.push({ node: member, place });
        else reportMisplaced(member, place.context, this.problems, ' Connections stand in the machine.');
        return;
      case 'Override':
        if (place.context === 'machine') this.deferred.overrides.push({ node: member, place });
        else reportMisplaced(member, place.context, this.problems, ' Overrides stand in the machine.');
        return;
      case 'Expectation':
        if (place.context === 'machine') this.deferred.expectations.push(member);
        else reportMisplaced(member, place.context, this.problems);
        return;
      default:
        reportMisplaced(member, place.context, this.problems);
    }
  }

  #expandProperty(property: Property, place: Place, draft: ComponentDraft | null, seen: Map<string, Property>): void {
    const read = { problems: this.problems, bindings: place.bindings, via: place.via };
    if (place.context === 'machine') {
      if (property.key === 'firmware') {
        readProperties(property.members, 'firmware', this.firmware, read);
        return;
      }
      if (property.key === 'linux') {
        readProperties(property.members, 'linux', this.linux, read);
        for (const member of property.members) {
          if (member.$type === 'Property' && member.key === 'disable-acs-redir' && member.clauses.length > 0) {
            this.deferred.acsRedirections.push(member);
          }
        }
        return;
      }
    }
    checkRepeated(property, place.context, seen, this.problems);
    readProperty(property, place.context, draft ?? emptyDraft(), read, this.#dealt(property, place));
  }

  /** The values of a property in this copy, where each copy has its own; null where all have the same. */
  #dealt(property: Property, { copies }: Place): readonly Value[] | null {
    if (property.others.length === 0) return null;
    const count = property.others.length + 1;
    const at = deal(count, copies);
    if (at === undefined) reportUndealt(property, count, repetitions(copies), this.problems);
    return at === undefined || at === 0 ? property.values : (property.others[at - 1]?.values ?? property.values);
  }

  /** A component with what it holds: as it was the last time where its text is the same. */
  #expandBlock(node: ComponentNode, place: Place): void {
    const reuse = this.#reuse;
    if (reuse === undefined || place.via !== undefined || place.copies.length > 0 || place.depth > deepestKept) {
      this.#expandComponent(node, place);
      return;
    }
    const base = this.components.length;
    const { groups } = this.deferred;
    const kept = reuse.blocks.get(node);
    if (
      kept !== undefined &&
      kept.context === place.context &&
      kept.prefix === place.prefix &&
      base + kept.components.length < mostComponents
    ) {
      placeBlock(kept, node, base, place.parent);
      for (const component of kept.components) this.components.push(component);
      for (const group of kept.groups) groups.push(group);
      return;
    }
    const before = [this.problems.length, this.#unsaid, groups.length] as const;
    this.#expandComponent(node, place);
    const isSound = this.problems.length === before[0] && this.#unsaid === before[1] && !this.#full;
    if (!isSound || this.components.length === base) return;
    reuse.blocks.set(node, {
      context: place.context,
      prefix: place.prefix,
      base,
      parent: place.parent,
      components: this.components.slice(base),
      groups: groups.slice(before[2]),
      origins: undefined,
    });
  }

  #expandComponent(node: ComponentNode, place: Place): void {
    const kind = node.kind as ComponentKind;
    const allowed = componentsIn[place.context] ?? [];
    if (node.name === undefined) return;
    if (!allowed.includes(kind)) {
      this.#reportWrongPlace(node, kind, place);
      return;
    }
    const bounds = node.range === undefined ? undefined : evaluateRange(node.range, place.bindings);
    if (node.range !== undefined && bounds === undefined) {
      this.#report(
        'language/bad-range',
        'A range goes from a whole number up to one that is not smaller: [0..3].',
        node,
        'range',
      );
      return;
    }
    if (bounds === undefined) {
      this.#instantiate(node, node.name, place, place.copies);
      return;
    }
    const count = bounds.high - bounds.low + 1;
    if (place.context === 'root-port' || place.context === 'port') {
      const at = deal(count, place.copies);
      if (at === undefined) {
        const products = repetitions(place.copies);
        this.#reportOnce(
          'structure/range-mismatch',
          products.length === 0
            ? `A port holds one device, and this port is not repeated: write ${node.name}${bounds.low} instead of a range of ${count}.`
            : `A range below a port is dealt out over the copies of the port: it must have ${products.join(' or ')} elements, not ${count}.`,
          node,
          'range',
        );
        this.#instantiate(node, `${node.name}${bounds.low}`, place, place.copies);
        return;
      }
      this.#instantiate(node, `${node.name}${bounds.low + at}`, place, place.copies);
      return;
    }
    if (this.components.length + count > mostComponents) {
      this.#full = true;
      this.#report('structure/too-large', `This machine has more than ${mostComponents} components.`, node, 'range');
      return;
    }
    for (let index = 0; index < count; index++) {
      this.#instantiate(node, `${node.name}${bounds.low + index}`, place, [...place.copies, { count, index }]);
    }
  }

  #instantiate(node: ComponentNode, label: string, place: Place, copies: readonly Copy[]): void {
    if (this.components.length >= mostComponents) {
      if (!this.#full)
        this.#report('structure/too-large', `This machine has more than ${mostComponents} components.`, node);
      this.#full = true;
      return;
    }
    const origin = originOf(node, place.via);
    const kind = node.kind as ComponentKind;
    const draft = emptyDraft();
    let parts: readonly string[] = [];
    if (node.part !== undefined) {
      const part = this.parts.resolve(node.part, place.bindings, this.problems);
      if (part !== undefined) {
        const read = this.parts.read(part);
        parts = read.chain;
        if (read.kind !== null && read.kind !== kind) {
          this.#reportOnce('part/wrong-kind', `${part.name} is a ${read.kind}; this is a ${kind}.`, node, 'part');
        } else {
          applyPart(read, draft, origin);
        }
      }
    }
    const id = this.components.length;
    const name = place.prefix + label;
    this.components.push({
      kind,
      label,
      name,
      parent: place.parent,
      parts,
      draft,
      node,
      origin,
      nameOrigin: nameOrigin(node, place.via),
    });
    readLink(node.link, node, draft, { bindings: place.bindings, via: place.via, problems: this.problems });
    if (node.members.length > 0) {
      this.#expandMembers(node.members, {
        context: kind,
        parent: id,
        prefix: `${name}.`,
        copies,
        bindings: place.bindings,
        via: place.via,
        depth: place.depth + 1,
      });
    }
  }

  #expandUse(use: Use, place: Place): void {
    const name = use.template?.$refText;
    if (name === undefined) return;
    const template = this.#environment.templates.get(name);
    if (template === undefined) return; // the linker's to report
    if (place.depth >= 32) {
      this.#reportOnce('template/recursive', `The template ${name} uses itself.`, use, 'template');
      return;
    }
    const bindings = new Map<string, Value>();
    for (const parameter of template.parameters)
      if (parameter.default !== undefined) bindings.set(parameter.name, parameter.default);
    use.arguments.forEach((argument, index) => {
      const parameter = argument.parameter ?? template.parameters[index]?.name;
      if (parameter === undefined || !template.parameters.some((known) => known.name === parameter)) {
        this.#report(
          'template/extra-argument',
          `The template ${name} has no parameter ${parameter ?? `number ${index + 1}`}.`,
          argument,
        );
        return;
      }
      // An argument may itself be a parameter of the template around: it is resolved here, where that one is known.
      const value = argument.value;
      const outer = value.low?.$type === 'ParameterUse' ? place.bindings.get(value.low.parameter) : undefined;
      bindings.set(parameter, outer ?? value);
    });
    for (const parameter of template.parameters) {
      if (!bindings.has(parameter.name)) {
        this.#report(
          'template/missing-argument',
          `The template ${name} needs a value for ${parameter.name}.`,
          use,
          'template',
        );
      }
    }
    this.#expandMembers(template.members, {
      ...place,
      bindings,
      via: originOf(use, place.via),
      depth: place.depth + 1,
    });
  }

  #expandSubunit(node: Subunit, place: Place, draft: ComponentDraft | null): void {
    if (!(subunitsIn[node.kind] ?? []).includes(place.context)) {
      reportMisplaced(node, place.context, this.problems);
      return;
    }
    if (node.kind === 'vm' || node.kind === 'partition') {
      this.deferred.groups.push({ node, parent: place.parent });
      return;
    }
    if (draft === null || node.name === undefined) return;
    const subunit: SubunitModel = {
      kind: node.kind,
      label: node.name,
      settings: readPlainSettings(node.members, node.kind, {
        problems: this.problems,
        bindings: place.bindings,
        via: place.via,
      }),
      origin: originOf(node, place.via),
    };
    draft.subunits.push(subunit);
  }

  #reportWrongPlace(node: ComponentNode, kind: ComponentKind, place: Place): void {
    const endpoints = componentsIn.bridge ?? [];
    const below = endpoints.includes(place.context as ComponentKind);
    this.problems.push({
      code: below ? 'structure/endpoint-below-endpoint' : 'language/misplaced',
      message: below
        ? `${node.name} cannot hang below ${contextName(place.context)}: an endpoint has no port. Put a switch between them.`
        : `${kind} ${node.name} cannot stand in ${contextName(place.context)}.${place.context === 'switch' ? ' A switch holds ports, and each port one device.' : ''}${place.context === 'machine' ? ' A machine holds sockets.' : ''}`,
      node,
      property: 'kind',
      fixes: [],
    });
  }

  #report(code: string, message: string, node: Problem['node'], property?: string): void {
    this.problems.push({ code, message, node, fixes: [], ...(property === undefined ? {} : { property }) });
  }

  /** Once for a statement, however often its block is repeated. */
  #reportOnce(code: string, message: string, node: Problem['node'], property?: string): void {
    if (this.problems.some((problem) => problem.node === node && problem.code === code)) {
      this.#unsaid++;
      return;
    }
    this.#report(code, message, node, property);
  }
}

/** The name of a component in the text. */
function nameOrigin(node: ComponentNode, via: Origin | undefined): Origin {
  const whole = originOf(node, via);
  const cst = node.$cstNode;
  if (cst === undefined || !('content' in cst)) return whole;
  // The name is the token after the kind: looked for by text, since a full search by property is slow.
  const at = cst.text.indexOf(node.name, node.kind.length);
  return at < 0 ? whole : { ...whole, offset: whole.offset + at, end: whole.offset + at + node.name.length };
}
