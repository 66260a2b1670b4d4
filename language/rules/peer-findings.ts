import { componentAt, type Machine } from '../../model/machine.ts';
import { formatRate } from '../../model/quantity.ts';
import { findRoute } from '../../model/route/route.ts';
import type { Transfer, Work } from '../../model/work.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { ElaboratedMachine } from '../elaborate/elaborate.ts';
import type { Cost, Report } from './rule.ts';

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

/** Reports each copy whose route was decided by one of these reasons, with what the reason costs. */
export function peerFindings(elaborated: ElaboratedMachine, codes: readonly string[], report: Report): void {
  const { machine } = elaborated;
  for (const copy of deviceCopies(elaborated)) {
    const route = findRoute(machine, copy.from, copy.to, copy);
    if (route.route === 'direct') continue;
    const reasons = route.reasons.filter((reason) => codes.includes(reason.code));
    const [first] = reasons;
    if (first === undefined) continue;
    // Redirection counts only where there is a shorter way to be sent away from.
    if (first.code === 'acs/redirect' && route.class !== 'PIX' && route.class !== 'PXB') continue;
    const cost = costOf(machine, copy, codes);
    const ports = reasons.flatMap((reason) => (reason.at === null ? [] : [reason.at]));
    const way =
      route.route === 'host-memory' ? 'The data is staged in host memory.' : 'The data goes through the root complex.';
    const loss =
      cost === undefined ? '' : ` ${cost.what}: ${formatRate(cost.before)} instead of ${formatRate(cost.after)}.`;
    report({
      message: `${reasons.map((reason) => reason.message).join(' ')} ${way}${loss}`,
      place: { origin: copy.origin },
      subjects: [
        componentAt(machine, copy.from.component).name,
        componentAt(machine, copy.to.component).name,
        ...ports,
      ],
      ...(cost === undefined ? {} : { cost }),
    });
  }
}

/** What the pair reaches both ways at once as it is, and without what the reasons complain of. */
function costOf(machine: Machine, copy: Transfer, codes: readonly string[]): Cost | undefined {
  const before = bothWays(machine, copy);
  const after = bothWays(without(machine, copy, codes), copy);
  const names = [copy.from, copy.to].map((end) => componentAt(machine, end.component).label);
  return after > before * 1.001
    ? { what: `${names[0]} <-> ${names[1]}, both ways`, before, after, unit: 'bytesPerSecond' }
    : undefined;
}

function bothWays(machine: Machine, copy: Transfer): number {
  const bytes = 2 ** 30;
  const one = { ...copy, name: 'there', bytes, startSeconds: 0, blockBytes: null, depth: null, expectations: [] };
  const work: Work = {
    transfers: [],
    scenarios: [
      {
        name: 'pair',
        transfers: [one, { ...one, name: 'back', from: copy.to, to: copy.from, initiator: null, operation: null }],
        processes: [],
        activities: [],
        expectations: [],
        origin: copy.origin,
      },
    ],
    expectations: [],
  };
  const run = simulate(machine, work).runs[0];
  return run === undefined ? 0 : run.transfers.reduce((sum, transfer) => sum + transfer.bytesPerSecond, 0);
}

/** The machine with the causes taken away: redirection cleared, the IOMMU out of the way, drivers and host willing. */
function without(machine: Machine, copy: Transfer, codes: readonly string[]): Machine {
  const clears = codes.includes('acs/redirect');
  const components = machine.components.map((component) => {
    if (clears && (component.kind === 'port' || component.kind === 'root-port'))
      return { ...component, acs: 'off' as const };
    const isEnd = component.id === copy.from.component || component.id === copy.to.component;
    if (codes.includes('driver/no-peer') && isEnd) {
      return { ...component, settings: { ...component.settings, peerToPeer: true, driver: undefined } };
    }
    if (component.kind === 'socket' && codes.includes('host/no-forwarding')) {
      return { ...component, settings: { ...component.settings, forwardsPeerReads: true, forwardsPeerWrites: true } };
    }
    return component;
  });
  const linux = codes.includes('iommu/translate') ? { ...machine.linux, iommu: 'off' as const } : machine.linux;
  return { ...machine, components, linux };
}
