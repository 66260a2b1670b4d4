import type { Scope } from '../../model/compare/scope.ts';
import type { Component, ComponentSettings, Connection, Machine } from '../../model/machine.ts';
import type { Origin } from '../../model/origin.ts';
import { trainMachine } from '../../model/train.ts';
import {
  type ObservedConnection,
  type ObservedFunction,
  type ObservedMachine,
  type ObservedNote,
  UnreadableInput,
} from '../observed.ts';
import { withParents } from '../pci/tree.ts';
import { withLabels } from './function-labels.ts';
import { buildHierarchy, type Shape } from './hierarchy.ts';
import { withoutInnerLinks } from './inner-links.ts';
import { kindOf } from './kinds.ts';
import { linuxSettings } from './linux.ts';
import { asName, NameGiver, usualName } from './names.ts';
import { type Numbered, stateNumbers } from './numbering.ts';
import { type KnownPart, type PartIndex, partOfDeviceName, partOfId } from './parts.ts';
import { scopeOf } from './scope.ts';
import {
  type ComponentFacts,
  factsOf,
  forcedGeneration,
  isLegal,
  type ObservedLinkEnd,
  trainedState,
} from './settings.ts';
import { planSockets, type SocketPlan } from './sockets.ts';

/** A machine made of what was observed. */
export interface ImportedMachine {
  readonly machine: Machine;
  /** What the source says of itself and of what could not be said in the language. */
  readonly notes: readonly ObservedNote[];
  /** Component id by function address, and by `node:<id>`. */
  readonly componentOf: ReadonlyMap<string, number>;
  /** Vendor and device in words, by component id, where the source has them. */
  readonly descriptions: ReadonlyMap<number, string>;
  /** What the source speaks of, for comparisons with other descriptions. */
  readonly scope: Scope;
}

export interface ImportOptions {
  /** Name of the machine; the source's own where absent. */
  readonly name?: string;
  /** The catalogue; devices are plain where absent. */
  readonly parts?: PartIndex;
}

/** Sources that show switches and devices, but neither root ports nor the ports of switches. */
const withoutPorts: ReadonlySet<string> = new Set(['nccl', 'nvidia-smi']);

/**
 * A machine in the model from what tools show of a real one. What the source does not say stays unknown; names, kinds and
 * parts follow from classes, IDs and the system's own names.
 *
 * @throws UnreadableInput where there is more than a machine can have
 */
export function machineFrom(observed: ObservedMachine, options: ImportOptions = {}): ImportedMachine {
  return new MachineMaker(observed, options).make();
}

/** A component in the making, with the numbers that it may have to say. */
interface Draft extends Numbered {
  readonly shape: Shape;
  readonly facts: ComponentFacts;
  readonly part: KnownPart | null;
  readonly settings: ComponentSettings;
  readonly children: Draft[];
}

/** What NVSwitches say of themselves: a bridge of another kind. */
const nvSwitchClass = 0x068000;
const nvidia = 0x10de;
const amd = 0x1002;

/** The largest machines have some hundred host bridges. */
const mostRootBuses = 512;
/** A segment has 65 536 addresses; machines with several fill none of them. */
const mostFunctions = 65_536;

const origin: Origin = { uri: 'import:', offset: 0, end: 0 };

class MachineMaker {
  readonly #observed: ObservedMachine;
  readonly #options: ImportOptions;
  readonly #parts: PartIndex;
  readonly #components: (Omit<Component, 'children'> & { children: number[] })[] = [];
  readonly #notes: ObservedNote[];
  readonly #componentOf = new Map<string, number>();
  readonly #descriptions = new Map<number, string>();
  readonly #names = new NameGiver();
  /** Names of the system that their owners have got. */
  readonly #taken = new Set<string>();
  readonly #switchNames = new Map<Draft, string>();
  /** Names in QEMU's arguments are those that somebody chose. */
  readonly #areNamesChosen: boolean;
  /** What the source says of a link holds for its port as well, which it does not show. */
  #saysBothEnds = false;
  #barsWithoutSize = 0;
  #kindsByName = 0;

  constructor(observed: ObservedMachine, options: ImportOptions) {
    this.#observed = observed;
    this.#options = options;
    this.#parts = options.parts ?? [];
    this.#notes = [...observed.notes];
    this.#areNamesChosen = observed.formats.length > 0 && observed.formats.every((format) => format === 'qemu');
  }

  make(): ImportedMachine {
    const observed = this.#observed;
    if (observed.functions.length > mostFunctions) {
      throw new UnreadableInput(
        `This lists ${observed.functions.length} functions; a machine has at most ${mostFunctions}. It may be several machines in one file.`,
      );
    }
    const leavesOutPorts = observed.formats.length > 0 && observed.formats.every((format) => withoutPorts.has(format));
    const placed = withParents(observed.functions);
    this.#addNotes(placed.notes);
    const inside = withoutInnerLinks(placed.functions.map((one) => this.#asNvSwitch(one)));
    this.#addNotes(inside.notes);
    const { functions } = inside;
    const unsaid = new Set(observed.functions.filter((one) => one.parent === undefined).map((one) => one.address));
    const hierarchy = buildHierarchy(functions, this.#parts, leavesOutPorts, unsaid);
    this.#addNotes(hierarchy.notes);
    if (hierarchy.roots.length > mostRootBuses) {
      throw new UnreadableInput(
        `This lists ${hierarchy.roots.length} root buses; a machine has at most ${mostRootBuses}. It may be several machines in one file.`,
      );
    }
    this.#saysBothEnds = leavesOutPorts;
    const plans = planSockets(observed, hierarchy.roots, this.#parts);
    const drafts = plans.map((plan) => ({
      plan,
      children: (plan.root?.children ?? []).map((one) => this.#draft(one, plan, null)),
    }));
    this.#stateAddresses(drafts, leavesOutPorts);
    for (const { children } of drafts) this.#reserveNames(children);
    this.#nameSwitches(drafts.flatMap(({ children }) => children));
    for (const { plan, children } of drafts) this.#addSocket(plan, children);
    for (const { address, physicalFunction } of observed.functions) {
      const physical = physicalFunction === undefined ? undefined : this.#componentOf.get(physicalFunction);
      if (physical !== undefined && !this.#componentOf.has(address)) this.#componentOf.set(address, physical);
    }
    this.#addUnseenSwitches();
    this.#summarise(plans);
    const machine = trainMachine({
      name: asName(this.#options.name ?? observed.name ?? '') ?? 'machine',
      components: this.#components,
      connections: this.#connections(),
      firmware: { above4g: undefined, resizableBar: undefined, sriov: undefined, apertures: [] },
      linux: linuxSettings(observed.linux),
      virtualMachines: [],
      partitions: [],
      allows: [],
      assumptions: [],
      origin,
    });
    return {
      machine,
      notes: this.#notes,
      componentOf: this.#componentOf,
      descriptions: this.#descriptions,
      scope: scopeOf(observed, hierarchy.isPartial),
    };
  }

  /** A function that says nothing of itself and to which NVLink leads from several GPUs is an NVSwitch. */
  #asNvSwitch(one: ObservedFunction): ObservedFunction {
    if (one.classCode !== undefined || one.deviceName !== undefined || one.vendorId !== undefined) return one;
    const leading = this.#observed.connections.filter(
      ({ technology, from, to }) => technology === 'nvlink' && (from === one.address || to === one.address),
    );
    if (leading.length < 2) return one;
    this.#note(
      `it does not say what it is; NVLink leads to it from ${leading.length} devices: an NVSwitch`,
      one.address,
    );
    return { ...one, classCode: nvSwitchClass, isInterfaceKnown: false, vendorId: nvidia };
  }

  #addNotes(notes: readonly ObservedNote[]): void {
    for (const note of notes) {
      if (!this.#notes.some((one) => one.subject === note.subject && one.message === note.message))
        this.#notes.push(note);
    }
  }

  #note(message: string, subject: string | null = null): void {
    this.#notes.push({ line: null, subject, message });
  }

  /** The component of a shape with what hangs below it. `port` is the port above, for the state of the link. */
  #draft(shape: Shape, plan: SocketPlan, port: Shape | null): Draft {
    const { fn, kind } = shape;
    const others = shape.others.map((other) => [other, kindOf(other, this.#parts)] as const);
    const facts = factsOf(kind, fn, others);
    this.#barsWithoutSize += facts.barsWithoutSize;
    if (fn !== null && fn.classCode === undefined && kindOf(fn, this.#parts).byName && shape.children.length === 0) {
      this.#kindsByName++;
    }
    const settings: ComponentSettings = { ...facts.settings };
    const isPort = kind === 'root-port' || kind === 'port';
    if (isPort) {
      const below = shape.children[0] ?? null;
      const trained = trainedState(below?.kind ?? 'device', this.#end(shape), this.#end(below));
      const both = this.#saysBothEnds && fn === null ? below?.fn?.link?.capable : undefined;
      if (both?.generation !== undefined) settings.generation = both.generation;
      if (both?.lanes !== undefined) settings.lanes = both.lanes;
      // A device that does not say leaves it to the port to say what the link runs at.
      if (below?.fn?.link === undefined) Object.assign(settings, trained);
      const forced = forcedGeneration(fn, trained);
      if (forced !== undefined) settings.forcedGeneration = forced;
    } else if (port !== null && fn?.link !== undefined && shape === port.children[0]) {
      Object.assign(settings, trainedState(isInsideGpu(shape) ? 'gpu' : kind, this.#end(port), this.#end(shape)));
    }
    const canSayNode = kind !== 'switch' && kind !== 'port' && kind !== 'bridge';
    const node = fn?.numaNode;
    if (canSayNode && node !== undefined && node !== plan.nodeId && isLegal('numaNode', node)) settings.numaNode = node;
    return {
      kind,
      fn,
      shape,
      facts,
      part: this.#partOf(shape, facts),
      settings,
      sriov: facts.sriov,
      buses: shape.buses,
      children: shape.children.map((child) => this.#draft(child, plan, isPort ? shape : null)),
    };
  }

  /** The part of the catalogue, unless it contradicts what was seen. */
  #partOf(shape: Shape, facts: ComponentFacts): KnownPart | null {
    const { fn, kind } = shape;
    if (fn === null) return null;
    const part = partOfId(this.#parts, kind, facts) ?? partByName(this.#parts, shape);
    const current = fn.link?.current;
    // What a link does, both of its ends can.
    const isBeyond =
      (current?.generation ?? 0) > (facts.settings.generation ?? part?.settings.generation ?? 7) ||
      (current?.lanes ?? 0) > (facts.settings.lanes ?? part?.settings.lanes ?? 32);
    return isBeyond || (fn.areBarsComplete === true && hasOtherBars(part, facts)) ? null : part;
  }

  /** One end of a link, with what its part can do where it does not say itself. */
  #end(shape: Shape | null): ObservedLinkEnd {
    const fn = shape?.fn ?? null;
    if (shape === null || fn === null) return { current: undefined, capable: undefined };
    const part = this.#partOf(shape, factsOf(shape.kind, fn, []))?.settings;
    const { generation = part?.generation, lanes = part?.lanes } = fn.link?.capable ?? {};
    return {
      current: fn.link?.current,
      capable: {
        ...(generation === undefined ? {} : { generation }),
        ...(lanes === undefined ? {} : { lanes }),
      },
    };
  }

  /** Device and bus numbers, where discovery would give others than those that were read. */
  #stateAddresses(
    drafts: readonly { readonly plan: SocketPlan; readonly children: readonly Draft[] }[],
    leavesOutPorts: boolean,
  ): void {
    if (leavesOutPorts) return;
    const next = new Map<number, number>();
    for (const { plan, children } of drafts) {
      const { root } = plan;
      if (root === null) {
        next.set(0, (next.get(0) ?? 0) + 1);
        continue;
      }
      const natural = next.get(root.segment) ?? 0;
      // The number of a root bus that is not shown is whatever discovery gives it.
      const bus = root.isHidden ? natural : root.bus;
      if (bus !== natural) plan.settings.bus = bus;
      next.set(root.segment, stateNumbers(children, bus, 1, false) + 1);
    }
  }

  /** NVSwitches that links lead to and that no address is known of stand beside the sockets. */
  #addUnseenSwitches(): void {
    const ends = this.#observed.connections.flatMap(({ from, to }) => [from, to]);
    for (const end of new Set(ends.filter((one) => one.startsWith('nvswitch:')))) {
      const label = this.#giveName(null, 'nvs');
      const id = this.#add({ kind: 'nvswitch', label, parent: null, part: null, settings: {}, facts: null });
      this.#componentOf.set(end, id);
    }
  }

  #addSocket(plan: SocketPlan, children: readonly Draft[]): void {
    const { part } = plan;
    const id = this.#add({
      kind: 'socket',
      label: plan.label,
      parent: null,
      part,
      settings: { ...part?.settings, ...plan.settings },
      facts: null,
    });
    if (plan.nodeId !== null && !this.#componentOf.has(`node:${plan.nodeId}`)) {
      this.#componentOf.set(`node:${plan.nodeId}`, id);
    }
    const labels = new NameGiver();
    for (const child of inReadingOrder(children)) this.#addDraft(child, id, labels);
  }

  #addDraft(draft: Draft, parent: number, siblings: NameGiver): void {
    const { shape, fn, part } = draft;
    const isNumberedHere = shape.kind === 'root-port' || shape.kind === 'port' || shape.kind === 'bridge';
    const wanted = fn === null ? null : this.#usualName(shape.kind, fn);
    const label = isNumberedHere
      ? siblings.give(wanted, shape.base)
      : (this.#switchNames.get(draft) ?? this.#giveName(wanted, shape.base));
    const settings: ComponentSettings = { ...part?.settings, ...draft.settings };
    if (draft.deviceNumber !== undefined) settings.deviceNumber = draft.deviceNumber;
    if (draft.functionNumber !== undefined) settings.functionNumber = draft.functionNumber;
    if (draft.busRange !== undefined) settings.busRange = draft.busRange;
    const id = this.#add({ kind: shape.kind, label, parent, part, settings, facts: withLabels(draft.facts, shape) });
    if (fn !== null) {
      this.#componentOf.set(fn.address, id);
      if (fn.deviceName !== undefined) this.#descriptions.set(id, fn.deviceName);
    }
    for (const other of shape.others) this.#componentOf.set(other.address, id);
    const labels = new NameGiver();
    for (const child of draft.children) this.#addDraft(child, id, labels);
    if (shape.kind === 'switch') this.#shareAcs(id);
  }

  /** Switches by how deep they stand, so that trees that are alike have numbers that run on, level by level. */
  #nameSwitches(drafts: readonly Draft[]): void {
    const below: Draft[] = [];
    for (const draft of drafts.flatMap((one) => switchesIn(one))) {
      const wanted = draft.fn === null ? null : this.#usualName(draft.shape.kind, draft.fn);
      this.#switchNames.set(draft, this.#giveName(wanted, draft.shape.base));
      below.push(...draft.children);
    }
    if (below.length > 0) this.#nameSwitches(below);
  }

  #usualName(kind: Component['kind'], fn: ObservedFunction): string | null {
    return usualName(kind, fn, this.#areNamesChosen);
  }

  /** Names that the system gives go to whom it gives them, whatever stands before. */
  #reserveNames(drafts: readonly Draft[]): void {
    for (const draft of drafts) {
      const wanted = draft.fn === null ? null : this.#usualName(draft.shape.kind, draft.fn);
      if (wanted !== null) this.#names.reserve(wanted);
      this.#reserveNames(draft.children);
    }
  }

  /** A name that was reserved for its owner is given to them. */
  #giveName(wanted: string | null, base: string): string {
    if (wanted === null || this.#taken.has(wanted)) return this.#names.give(null, base);
    this.#taken.add(wanted);
    return wanted;
  }

  /** What all ports of a switch have in common is said of the switch. */
  #shareAcs(id: number): void {
    const made = this.#components[id];
    if (made === undefined || made.children.length < 2) return;
    const ports = made.children.map((child) => this.#components[child]);
    const [first] = ports;
    if (first === undefined) return;
    const same = ports.every(
      (port) => String(port?.acs) === String(first.acs) && String(port?.acsCapability) === String(first.acsCapability),
    );
    if (!same || first.acs === 'default') return;
    this.#components[id] = { ...made, acs: first.acs, acsCapability: first.acsCapability };
  }

  #add(made: {
    readonly kind: Component['kind'];
    readonly label: string;
    readonly parent: number | null;
    readonly part: KnownPart | null;
    readonly settings: ComponentSettings;
    readonly facts: ComponentFacts | null;
  }): number {
    const { facts, part } = made;
    const id = this.#components.length;
    const above = made.parent === null ? undefined : this.#components[made.parent];
    above?.children.push(id);
    const bars = facts?.bars ?? [];
    const partBars = (part?.bars ?? []).filter((bar) => !bars.some((own) => own.index === bar.index));
    const functions = facts?.functions ?? [];
    const partFunctions = (part?.functions ?? []).filter((one) => !functions.some((own) => own.number === one.number));
    this.#components.push({
      id,
      kind: made.kind,
      label: made.label,
      name: above === undefined ? made.label : `${above.name}.${made.label}`,
      parts: part?.chain ?? [],
      parent: made.parent,
      children: [],
      settings: made.settings,
      said: {},
      unknown: [],
      acs: facts === null || facts.acs === 'default' ? (part?.acs ?? 'default') : facts.acs,
      acsCapability: facts?.acsCapability ?? part?.acsCapability ?? null,
      bars: [...bars, ...partBars].sort((a, b) => a.index - b.index),
      sriov: facts?.sriov ?? part?.sriov ?? null,
      functions: [...functions, ...partFunctions].sort((a, b) => a.number - b.number),
      subunits: [],
      apertures: [],
      allows: [],
      origin,
      nameOrigin: origin,
    });
    return id;
  }

  #connections(): Connection[] {
    const made: Connection[] = [];
    for (const one of this.#observed.connections) {
      const from = this.#endOf(one.from);
      const to = this.#endOf(one.to);
      if (from === undefined || to === undefined) {
        this.#note(`a ${one.technology} connection from ${one.from} to ${one.to} has an end that is not there`);
        continue;
      }
      if (from === to || isThere(made, from, to, one)) continue;
      made.push({
        id: made.length,
        name: `${this.#components[from]?.label ?? ''} <-> ${this.#components[to]?.label ?? ''}`,
        from,
        to,
        technology: one.technology,
        part: null,
        links: one.links,
        bytesPerSecond: one.bytesPerSecond ?? null,
        latencySeconds: null,
        origin,
      });
    }
    return made;
  }

  #endOf(end: string): number | undefined {
    return this.#componentOf.get(end);
  }

  #summarise(plans: readonly SocketPlan[]): void {
    if (this.#barsWithoutSize > 0) {
      this.#note(`${this.#barsWithoutSize} BARs are left out: the source does not tell their sizes (sysfs does)`);
    }
    if (this.#kindsByName > 0) {
      this.#note(
        `the kind of ${this.#kindsByName} devices is told by their names: the source has no classes (lspci -nn has)`,
      );
    }
    if (plans.length > 1 && plans.every((plan) => plan.nodeId === null)) {
      this.#note('the source does not say on which NUMA node a host bridge is: each stands for itself');
    }
  }
}

function isThere(made: readonly Connection[], from: number, to: number, one: ObservedConnection): boolean {
  return made.some(
    (known) =>
      known.technology === one.technology &&
      ((known.from === from && known.to === to) || (known.from === to && known.to === from)),
  );
}

/** The draft itself where it is a switch, else the uppermost ones below it. */
function switchesIn(draft: Draft): Draft[] {
  return draft.kind === 'switch' ? [draft] : draft.children.flatMap(switchesIn);
}

/** Ports and what people look for first, the processor's own functions after them; where each says its number. */
function inReadingOrder(children: readonly Draft[]): readonly Draft[] {
  if (!children.every((child) => child.deviceNumber !== undefined)) return children;
  const isOwn = (child: Draft) => child.kind === 'device';
  return [...children.filter((child) => !isOwn(child)), ...children.filter(isOwn)];
}

/** A part with a BAR that the function is known not to have: the text could not take it away. */
function hasOtherBars(part: KnownPart | null, { bars }: ComponentFacts): boolean {
  return part?.bars.some((bar) => !bars.some((own) => own.index === bar.index)) === true;
}

/** The switch that AMD's GPUs have inside rests with the GPU. */
function isInsideGpu({ kind, fn, children }: Shape): boolean {
  return kind === 'switch' && fn?.vendorId === amd && children.some((port) => port.children[0]?.kind === 'gpu');
}

function partByName(parts: PartIndex, shape: Shape): KnownPart | null {
  if (shape.fn === null || shape.fn.deviceId !== undefined) return null;
  const part = partOfDeviceName(parts, shape.fn.deviceName);
  return part !== null && part.kind === shape.kind ? part : null;
}
