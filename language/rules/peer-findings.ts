import { functionAddress } from '../../model/discovery/buses.ts';
import { componentAt } from '../../model/machine.ts';
import type { Reason } from '../../model/origin.ts';
import { findRoute } from '../../model/route/route.ts';
import type { Route } from '../../model/route/types.ts';
import type { Transfer } from '../../model/work.ts';
import type { PeerCause } from '../../simulator/price.ts';
import type { ElaboratedMachine } from '../elaborate/elaborate.ts';
import { insertLine, replaceProperty, sayInBlock } from './edits.ts';
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
  readonly copy: Transfer;
  readonly route: Route;
}

const routed = new WeakMap<ElaboratedMachine, readonly RoutedCopy[]>();

/** Copies between devices that do not go the shortest way, found once for all rules. */
export function detours(elaborated: ElaboratedMachine): readonly RoutedCopy[] {
  let found = routed.get(elaborated);
  if (found === undefined) {
    found = deviceCopies(elaborated)
      .map((copy) => ({ copy, route: findRoute(elaborated.machine, copy.from, copy.to, copy) }))
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
  for (const { copy, route } of detours(elaborated)) {
    if (!isWanted(route)) continue;
    const reasons = route.reasons.filter(({ code }) => codesOf(cause).includes(code));
    if (reasons.length === 0) continue;
    // Redirection counts only where there is a shorter way to be sent away from.
    if (cause === 'acs/redirect' && route.class !== 'PIX' && route.class !== 'PXB') continue;
    const ports = reasons.flatMap((reason) => (reason.at === null ? [] : [reason.at]));
    const way =
      route.route === 'host-memory' ? 'The data is staged in host memory.' : 'The data goes through the root complex.';
    report({
      message: `${reasons.map((reason) => reason.message).join(' ')} ${way}`,
      place: { origin: copy.origin },
      subjects: [
        componentAt(machine, copy.from.component).name,
        componentAt(machine, copy.to.component).name,
        ...ports,
      ],
      price: { kind: 'pair', from: copy.from.component, to: copy.to.component, without: [cause] },
      ...remediesOf(elaborated, cause, reasons),
    });
  }
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
    case 'host/no-forwarding':
      return { fixes: [], remedies: [] };
  }
}
