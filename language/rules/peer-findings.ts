import { functionAddress } from '../../model/discovery/buses.ts';
import { ancestors, componentAt, type Machine } from '../../model/machine.ts';
import type { Reason } from '../../model/origin.ts';
import type { Route } from '../../model/route/types.ts';
import type { EndpointRef, OtherActivity, Transfer } from '../../model/work.ts';
import type { PeerCause } from '../../simulator/price.ts';
import type { ElaboratedMachine } from '../elaborate/elaborated.ts';
import { insertLine, replaceProperty, sayInBlock } from './edits.ts';
import { routeOf } from './routes.ts';
import type { Fix, Remedy, Report } from './rule.ts';

/** Copies between two devices among the work of a machine, those that ask for host memory left out. */
export function deviceCopies({ work }: ElaboratedMachine): Transfer[] {
  return [...work.transfers, ...work.scenarios.flatMap((scenario) => scenario.transfers)].filter(
    (transfer) =>
      !transfer.from.memory &&
      !transfer.to.memory &&
      transfer.via !== 'host' &&
      transfer.from.component !== transfer.to.component,
  );
}

/** A copy between two devices with the way that it takes. */
export interface RoutedCopy {
  readonly copy: Pick<Transfer, 'from' | 'to' | 'origin'>;
  readonly route: Route;
  /** The collective or the stage that asks for it; undefined for a transfer of the text. */
  readonly within?: OtherActivity;
}

const routed = new WeakMap<ElaboratedMachine, readonly RoutedCopy[]>();

/**
 * Neighbours below one switch of which collectives and stages make peers, where they do not ask for host memory. Without a
 * switch in common both are expected to go through the host, as NCCL does.
 */
function neighbours({ machine, work }: ElaboratedMachine): RoutedCopy[] {
  const found: RoutedCopy[] = [];
  const add = (within: OtherActivity, from: EndpointRef | undefined, to: EndpointRef | undefined) => {
    if (from === undefined || to === undefined || from.memory || to.memory || from.component === to.component) return;
    const route = routeOf(machine, { from, to });
    if (route.class === 'PIX' || route.class === 'PXB') {
      found.push({ copy: { from, to, origin: within.origin }, route, within });
    }
  };
  const visit = (activity: OtherActivity) => {
    for (const child of activity.children) visit(child);
    if (activity.settings.via === 'host') return;
    if (activity.kind === 'stage') add(activity, activity.from[0], activity.to[0]);
    if (activity.kind !== 'collective') return;
    for (const [at, one] of activity.over.entries()) add(activity, one, activity.over[at + 1]);
  };
  for (const scenario of work.scenarios) for (const activity of scenario.activities) visit(activity);
  return found;
}

/** Copies between devices that do not go the shortest way, found once for all rules. */
export function detours(elaborated: ElaboratedMachine): readonly RoutedCopy[] {
  let found = routed.get(elaborated);
  if (found === undefined) {
    found = deviceCopies(elaborated)
      .map((copy): RoutedCopy => ({ copy, route: routeOf(elaborated.machine, copy) }))
      .concat(neighbours(elaborated))
      .filter(({ route }) => route.route !== 'direct');
    routed.set(elaborated, found);
  }
  return found;
}

/** Reports each copy whose route was decided by this cause, with what it costs and what would settle it. */
export function peerFindings(
  elaborated: ElaboratedMachine,
  cause: PeerCause,
  report: Report,
  isWanted: (route: Route) => boolean = () => true,
): void {
  const { machine } = elaborated;
  if (cause === 'acs/redirect' && deviceCopies(elaborated).length === 0 && neighbours(elaborated).length === 0) {
    impliedFindings(elaborated, report, isWanted);
    return;
  }
  const wanted = detours(elaborated).filter(
    ({ route }) =>
      isWanted(route) &&
      route.reasons.some(({ code }) => codesOf(cause).includes(code)) &&
      // Redirection counts only where there is a shorter way to be sent away from.
      (cause !== 'acs/redirect' || route.class === 'PIX' || route.class === 'PXB'),
  );
  const told = new Set<OtherActivity>();
  for (const { copy, route, within } of wanted) {
    // A collective is told once, of all its neighbours.
    if (within !== undefined && told.has(within)) continue;
    if (within !== undefined) told.add(within);
    const alike = within === undefined ? [] : wanted.filter((one) => one.within === within);
    const own = route.reasons.filter(({ code }) => codesOf(cause).includes(code));
    const others = alike.flatMap((one) => one.route.reasons.filter(({ code }) => codesOf(cause).includes(code)));
    const reasons = [...own, ...others.filter(({ at }) => own.every((one) => one.at !== at))];
    const ports = reasons.flatMap((reason) => (reason.at === null ? [] : [reason.at]));
    const way =
      route.route === 'host-memory' ? 'The data is staged in host memory.' : 'The data goes through the root complex.';
    const [from, to] = [componentAt(machine, copy.from.component), componentAt(machine, copy.to.component)];
    const rest = alike.length - 1;
    const also =
      rest > 0 ? ` The same holds of ${rest} more ${rest === 1 ? 'pair' : 'pairs'} of ${within?.name ?? ''}.` : '';
    report({
      message: `${inWords(own)} ${way}${also}`,
      place: { origin: copy.origin },
      subjects: [
        ...new Set([from.name, to.name, ...alike.map((one) => componentAt(machine, one.copy.to.component).name)]),
        ...new Set(ports),
      ],
      price: { kind: 'pair', from: copy.from.component, to: copy.to.component, without: [cause] },
      ...remediesOf(elaborated, cause, reasons),
    });
  }
}

/** Reasons in words; what is so at several places is said once, of all of them. */
function inWords(reasons: readonly Reason[]): string {
  const places = new Map<string, string[]>();
  for (const { message, at } of reasons) {
    const words = at === null ? message : message.replaceAll(at, '\0');
    places.set(words, [...(places.get(words) ?? []), ...(at === null ? [] : [at])]);
  }
  return [...places].map(([words, names]) => words.replaceAll('\0', names.join(' and '))).join(' ');
}

/**
 * Where no work says which devices talk to one another: GPUs talk to the GPUs, NICs and drives below their switch, unless
 * the machine is made to keep its devices apart. One finding a switch, over its first pair.
 */
function impliedFindings(elaborated: ElaboratedMachine, report: Report, isWanted: (route: Route) => boolean): void {
  const { machine } = elaborated;
  if (machine.linux.isolation === true || machine.virtualMachines.length > 0) return;
  const reported = new Set<number>();
  for (const gpu of machine.components) {
    if (gpu.kind !== 'gpu') continue;
    for (const top of ancestors(machine, gpu.id).filter(({ kind }) => kind === 'switch')) {
      if (reported.has(top.id)) continue;
      for (const peer of peersBelow(machine, top.id)) {
        if (peer === gpu.id) continue;
        const ends = { from: { component: gpu.id, memory: false }, to: { component: peer, memory: false } };
        const route = routeOf(machine, ends);
        const reasons = route.reasons.filter(({ code }) => code === 'acs/redirect');
        const isShort = route.class === 'PIX' || route.class === 'PXB';
        if (route.route === 'direct' || reasons.length === 0 || !isShort || !isWanted(route)) continue;
        reported.add(top.id);
        const names = [gpu, componentAt(machine, peer)].map(({ name }) => name);
        const ports = [...new Set(reasons.flatMap(({ at }) => (at === null ? [] : [at])))];
        report({
          message: `Peers below ${top.name} reach one another through the root complex, ${names.join(' and ')} for one: ACS Control of ${ports.join(' and ')} redirects.`,
          place: { origin: top.nameOrigin },
          subjects: [top.name, ...names, ...ports],
          price: { kind: 'pair', from: gpu.id, to: peer, without: ['acs/redirect'] },
          ...remediesOf(elaborated, 'acs/redirect', reasons),
        });
        break;
      }
    }
  }
}

function peersBelow(machine: Machine, id: number): number[] {
  const component = componentAt(machine, id);
  const isPeer = component.kind === 'gpu' || component.kind === 'nic' || component.kind === 'nvme';
  return isPeer ? [id] : component.children.flatMap((child) => peersBelow(machine, child));
}

/**
 * Whether a route was sent up to a root complex that is known not to forward it: the shortest way is closed, and the
 * other leads nowhere. A host bridge that the text does not name is not known.
 */
export function isDeadEnd({ machine }: ElaboratedMachine, route: Route): boolean {
  if (route.route !== 'host-memory' || (route.class !== 'PIX' && route.class !== 'PXB')) return false;
  const has = (code: string) => route.reasons.find((reason) => reason.code === code);
  const unlisted = has('p2p/host-bridge-not-listed');
  const bridge = machine.components.find(({ name }) => name === unlisted?.at)?.settings.hostBridgeDeviceId;
  return has('acs/redirect') !== undefined && (has('host/no-forwarding') !== undefined || bridge !== undefined);
}

/** A host that nobody says anything about is taken not to forward: the same cause. */
const codesOf = (cause: PeerCause): readonly string[] =>
  cause === 'host/no-forwarding' ? [cause, 'host/forwarding-unknown'] : [cause];

/** What settles a cause, in the text and on the machine. */
function remediesOf(
  elaborated: ElaboratedMachine,
  cause: PeerCause,
  reasons: readonly Reason[],
): { readonly fixes: readonly Fix[]; readonly remedies: readonly Remedy[] } {
  const { machine } = elaborated;
  switch (cause) {
    case 'acs/redirect': {
      const names = reasons.flatMap(({ at }) => (at === null ? [] : elaborated.names.lookup(at).slice(0, 1)));
      const ports = [...new Set(names.map(({ id }) => id))].sort((a, b) => a - b).map((id) => componentAt(machine, id));
      if (ports.length === 0) return { fixes: [], remedies: [] };
      const words = ports.map(({ id }) => elaborated.names.shortest(id)).join(' ');
      const at = sayInBlock(elaborated.node, 'linux', `disable-acs-redir for ${words}`);
      const fixes: Fix[] = at === null ? [] : [{ title: `Clear redirection at boot on ${words}`, edits: [at] }];
      const [only] = ports;
      const node = only === undefined ? undefined : elaborated.nodes[only.id];
      if (ports.length === 1 && node !== undefined) {
        const edit = insertLine(node, 'acs off');
        if (edit !== null) fixes.push({ title: `Clear ACS on ${words} after boot`, edits: [edit] });
      }
      const addresses = ports.map(({ id }) => functionAddress(machine, id, 0)).filter((one) => one !== undefined);
      const remedies: Remedy[] =
        addresses.length < ports.length
          ? []
          : [
              { kind: 'kernel-parameter', text: `pci=disable_acs_redir=${addresses.join(';')}` },
              ...addresses.map(
                (address): Remedy => ({ kind: 'command', text: `setpci -s ${address} ECAP_ACS+6.w=0000` }),
              ),
            ];
      return { fixes, remedies };
    }
    case 'iommu/translate': {
      const edit = replaceProperty(elaborated.node, 'linux', 'iommu', 'iommu passthrough');
      const fixes =
        edit === null ? [] : [{ title: 'Let devices use physical addresses: iommu passthrough', edits: [edit] }];
      return { fixes, remedies: [{ kind: 'kernel-parameter', text: 'iommu=pt' }] };
    }
    case 'driver/no-peer':
      return { fixes: [], remedies: driverRemedies(elaborated.machine, reasons) };
    case 'host/no-forwarding':
      return { fixes: [], remedies: [] };
  }
}

/** What makes a driver willing, where something does: GeForce under NVIDIA's own driver stays as it is. */
function driverRemedies(machine: Machine, reasons: readonly Reason[]): Remedy[] {
  const named = reasons.flatMap(({ at }) => machine.components.filter(({ name }) => name === at));
  const remedies: Remedy[] = [];
  if (named.some(({ settings }) => settings.gpuDirectRdma === false)) {
    remedies.push({ kind: 'command', text: 'modprobe nvidia-peermem' });
  }
  if (named.some(({ settings }) => settings.driver === 'nouveau' && settings.peerToPeer !== false)) {
    remedies.push({ kind: 'command', text: 'modprobe -r nouveau && modprobe nvidia' });
  }
  return remedies;
}
