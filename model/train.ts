import type { Generation } from './link/generation.ts';
import { configurePayload, type PayloadKind, type PayloadNode, type PayloadPolicy } from './link/payload.ts';
import { isPayloadSize } from './link/tlp.ts';
import { trainLink } from './link/training.ts';
import { type Component, type Connection, isEndpoint, type Link, type Machine } from './machine.ts';
import type { Assumption } from './origin.ts';
import { withPartitions } from './partitions.ts';

/** A machine before its links are trained: what elaboration and importers make. */
export type MachineDraft = Omit<Machine, 'links' | 'linkAbove' | 'linkBelow'>;

/**
 * The stage "trained": joins each port with what is plugged into it and settles what the link runs at, by both ends,
 * the slot, the channel and what the text states; then Max_Payload_Size by the kernel's policy.
 */
export function trainMachine(text: MachineDraft): Machine {
  const draft = withPartitions(text);
  const { components } = draft;
  const links: Link[] = [];
  const linkAbove = components.map(() => -1);
  const linkBelow = components.map(() => -1);
  const assumptions: Assumption[] = [...draft.assumptions];
  for (const port of components) {
    const joined = join(port, components);
    if (joined === null) continue;
    const { device, kind } = joined;
    // A port that does not say its generation has that of its switch: one chip makes both.
    const chip = port.kind === 'port' && port.parent !== null ? components[port.parent] : undefined;
    const { link, assumed } = trainOnce(links.length, kind, port, device, chip?.settings.generation);
    assumptions.push(...assumed);
    linkBelow[port.id] = link.id;
    // The functions of one device share its link.
    for (const child of port.kind === 'chipset' ? [port.id] : port.children) linkAbove[child] = link.id;
    links.push(link);
  }
  const payload = machinePayload(draft);
  if (payload.assumed > 0) {
    const message = `${payload.assumed} functions do not say which payload they support: 256 B assumed.`;
    assumptions.push({ at: null, field: 'maxPayloadSupportedBytes', message });
  }
  const sized = links.map((link) => ({
    ...link,
    maxPayloadBytes: Math.min(
      payload.maxPayloadBytes[link.port] ?? defaultPayloadBytes,
      link.device === null ? Number.POSITIVE_INFINITY : (payload.maxPayloadBytes[link.device] ?? defaultPayloadBytes),
    ),
  }));
  const connections = withSocketsJoined(draft, assumptions);
  return { ...draft, connections, links: sized, linkAbove, linkBelow, assumptions };
}

/** More sockets than the largest machines have: beyond, joining each pair would take all memory there is. */
const mostJoined = 512;

/** Sockets of one machine are joined in one way or another: where the text does not say how, each pair directly. */
function withSocketsJoined(draft: MachineDraft, assumptions: Assumption[]): readonly Connection[] {
  const sockets = draft.components.filter((component) => component.kind === 'socket');
  const isSocket = (id: number) => draft.components[id]?.kind === 'socket';
  if (
    sockets.length < 2 ||
    sockets.length > mostJoined ||
    draft.connections.some((one) => isSocket(one.from) && isSocket(one.to))
  )
    return draft.connections;
  const made: Connection[] = [...draft.connections];
  sockets.forEach((from, index) => {
    for (const to of sockets.slice(index + 1)) {
      const technology = from.settings.interconnectTechnology ?? 'unknown';
      made.push({
        id: made.length,
        name: `${from.name} <-> ${to.name}`,
        from: from.id,
        to: to.id,
        technology,
        part: null,
        links: 1,
        bytesPerSecond: null,
        latencySeconds: null,
        origin: draft.origin,
      });
    }
  });
  assumptions.push({
    at: null,
    field: 'connections',
    message: 'The text does not join the sockets: each pair is taken to be joined directly.',
  });
  return made;
}

/** Smallest Max_Payload_Size that every function supports (PCI Express Base Specification, Device Control register). */
const defaultPayloadBytes = 128;

function join(
  port: Component,
  components: readonly Component[],
): { device: Component | null; kind: Link['kind'] } | null {
  if (port.kind === 'chipset') return { device: port, kind: 'dmi' };
  if (port.kind !== 'root-port' && port.kind !== 'port') return null;
  const device = port.children
    .map((id) => components[id])
    .find((child) => child !== undefined && (child.kind === 'switch' || child.kind === 'bridge' || isEndpoint(child)));
  return { device: device ?? null, kind: 'pcie' };
}

interface KeptLink {
  readonly device: Component | null;
  readonly chipGeneration: Generation | undefined;
  readonly link: Link;
  readonly assumed: readonly Assumption[];
}

const trained = new WeakMap<Component, KeptLink>();

/** As `train`; the link of a port and a device that were trained before is the same again. */
function trainOnce(
  id: number,
  kind: Link['kind'],
  port: Component,
  device: Component | null,
  chipGeneration: Generation | undefined,
): { link: Link; assumed: readonly Assumption[] } {
  const known = trained.get(port);
  if (known !== undefined && known.device === device && known.chipGeneration === chipGeneration) {
    return { link: known.link.id === id ? known.link : { ...known.link, id }, assumed: known.assumed };
  }
  const fresh = train(id, kind, port, device, chipGeneration);
  trained.set(port, { device, chipGeneration, ...fresh });
  return fresh;
}

function train(
  id: number,
  kind: Link['kind'],
  port: Component,
  device: Component | null,
  chipGeneration: Generation | undefined,
): { link: Link; assumed: Assumption[] } {
  const own =
    port.settings.generation === undefined && chipGeneration !== undefined
      ? { ...port.settings, generation: chipGeneration }
      : port.settings;
  const theirs = device === null || device === port ? undefined : device.settings;
  const stated = theirs?.trainedGeneration ?? own.trainedGeneration;
  const statedLanes = theirs?.trainedLanes ?? own.trainedLanes;
  const first = own.bifurcation?.[0];
  const lanes = first !== undefined && (own.lanes === undefined || first < own.lanes) ? first : own.lanes;
  const wired = own.wiredLanes ?? theirs?.wiredLanes;
  const trained = trainLink({
    upstream: { name: port.name, generation: own.generation, lanes },
    downstream:
      device === null
        ? null
        : device === port
          ? { name: port.name, generation: own.generation, lanes }
          : { name: device.name, generation: theirs?.generation, lanes: theirs?.lanes },
    slot: wired === undefined ? undefined : { name: port.name, lanes: wired },
    channel: { name: port.name, generation: lesser(own.channelGeneration, theirs?.channelGeneration) },
    forced: {
      generation: lesser(own.forcedGeneration, theirs?.forcedGeneration),
      lanes: lesser(own.forcedLanes, theirs?.forcedLanes),
    },
    stated:
      stated === undefined && statedLanes === undefined
        ? undefined
        : { generation: stated, lanes: statedLanes, idle: theirs?.trainedIdle ?? own.trainedIdle },
  });
  const link: Link = {
    id,
    name: port.name,
    kind,
    port: port.id,
    device: device?.id ?? null,
    trained: { generation: trained.generation, lanes: trained.lanes },
    capable: trained.capable,
    limitedBy: trained.limitedBy,
    limitedAt: trained.limitedAt,
    reasons: trained.reasons,
    maxPayloadBytes: defaultPayloadBytes,
  };
  return { link, assumed: [...trained.assumptions] };
}

function lesser<T extends number>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

/** Max_Payload_Size and Max_Read_Request_Size of every component that has a link, as the kernel leaves them. */
export interface MachinePayload {
  /** By component id; absent for sockets, chipsets and conventional bridges. */
  readonly maxPayloadBytes: readonly (number | undefined)[];
  readonly maxReadRequestBytes: readonly (number | undefined)[];
  /** Devices whose payload size is not that of the port above: component ids and sizes. */
  readonly mismatches: readonly {
    readonly component: number;
    readonly parent: number;
    readonly bytes: number;
    readonly parentBytes: number;
  }[];
  readonly assumed: number;
}

const payloads = new WeakMap<readonly Component[], Map<PayloadPolicy, MachinePayload>>();

/** Payload and read-request sizes by the policy of the machine's `linux` block. Illegal sizes count as unsaid. */
export function machinePayload(draft: MachineDraft): MachinePayload {
  const { components } = draft;
  const policy = draft.linux.mps ?? 'default';
  const known = payloads.get(components) ?? new Map<PayloadPolicy, MachinePayload>();
  payloads.set(components, known);
  const kept = known.get(policy) ?? findPayload(components, policy);
  known.set(policy, kept);
  return kept;
}

function findPayload(components: readonly Component[], policy: PayloadPolicy): MachinePayload {
  const nodes: PayloadNode[] = [];
  const ids: number[] = [];
  const legal = (bytes: number | undefined) => (bytes !== undefined && isPayloadSize(bytes) ? bytes : undefined);
  const visit = (component: Component, parent: number | null): void => {
    const kind = payloadKind(component);
    let at = parent;
    if (kind !== null) {
      at = nodes.length;
      ids.push(component.id);
      nodes.push({
        kind,
        parent,
        supportedBytes: legal(component.settings.maxPayloadSupportedBytes),
        statedBytes: legal(component.settings.maxPayloadBytes),
        statedReadRequestBytes: legal(component.settings.maxReadRequestBytes),
        hotplug: component.settings.hotplug,
      });
    }
    for (const id of component.children) {
      const child = components[id];
      if (child !== undefined) visit(child, at);
    }
  };
  for (const component of components) if (component.parent === null) visit(component, null);
  const configured = configurePayload(nodes, policy);
  const maxPayloadBytes: (number | undefined)[] = [];
  const maxReadRequestBytes: (number | undefined)[] = [];
  let assumed = 0;
  configured.nodes.forEach((node, index) => {
    const id = ids[index] ?? -1;
    maxPayloadBytes[id] = node.maxPayloadBytes ?? undefined;
    maxReadRequestBytes[id] = node.maxReadRequestBytes ?? undefined;
    if (node.supportAssumed) assumed++;
  });
  const mismatches = configured.mismatches.map((mismatch) => ({
    component: ids[mismatch.node] ?? -1,
    parent: ids[mismatch.parent] ?? -1,
    bytes: mismatch.nodeBytes,
    parentBytes: mismatch.parentBytes,
  }));
  return { maxPayloadBytes, maxReadRequestBytes, mismatches, assumed };
}

function payloadKind(component: Component): PayloadKind | null {
  switch (component.kind) {
    case 'root-port':
      return 'root-port';
    case 'port':
      return 'downstream-port';
    case 'switch':
      return 'upstream-port';
    case 'bridge':
      return 'conventional';
    case 'socket':
    case 'chipset':
      return null;
    default:
      return 'endpoint';
  }
}
