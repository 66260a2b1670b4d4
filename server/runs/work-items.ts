import type { AstNode } from 'langium';
import type { ElaboratedMachine, Elaboration } from '../../language/elaborate/elaborated.ts';
import type { Expectation, Transfer, Work } from '../../model/work.ts';
import type { RunVariant } from '../protocol.ts';

/** A transfer, a scenario, or a job, pipeline or collective at the top of a file, that can run: a transfer is several where an end names several devices. */
export interface WorkEntry {
  /** Unique in the file; what lenses and requests call it. */
  readonly name: string;
  /** `transfer`, `scenario`, `job`, `pipeline`, `collective`; `machine` for what is expected of all work of one. */
  readonly kind: string;
  readonly node: AstNode;
  readonly machine: ElaboratedMachine;
  /** Nothing but this entry. */
  readonly work: Work;
  readonly expectations: readonly Expectation[];
}

const entries = new WeakMap<Elaboration, readonly WorkEntry[]>();

/** The work of a file in the order of its text. Only what elaborated is there. */
export function workEntries(elaboration: Elaboration): readonly WorkEntry[] {
  const known = entries.get(elaboration);
  if (known !== undefined) return known;
  const found: Omit<WorkEntry, 'name'>[] = [];
  for (const machine of elaboration.machines) {
    for (const [node, transfers] of machine.transfersOf) {
      if (transfers.length === 0) continue;
      const expectations = transfers.flatMap((transfer) => transfer.expectations);
      found.push({
        kind: 'transfer',
        node,
        machine,
        work: { transfers, scenarios: [], expectations: [] },
        expectations,
      });
    }
    for (const [node, scenario] of machine.scenarioOf) {
      const expectations = [
        ...scenario.expectations,
        ...scenario.transfers.flatMap((transfer) => transfer.expectations),
        ...scenario.processes.flatMap((process) => process.expectations ?? []),
        ...scenario.activities.flatMap((activity) => [
          ...(activity.expectations ?? []),
          ...activity.children.flatMap((child) => child.expectations ?? []),
        ]),
      ];
      const { kind } = node as AstNode & { readonly kind?: string };
      found.push({
        kind: kind ?? 'scenario',
        node,
        machine,
        work: { transfers: [], scenarios: [scenario], expectations: [] },
        expectations,
      });
    }
  }
  found.sort((a, b) => (a.node.$cstNode?.offset ?? 0) - (b.node.$cstNode?.offset ?? 0));
  const taken = new Map<string, number>();
  const result = found.map((entry) => {
    const plain = plainName(entry);
    const before = taken.get(plain) ?? 0;
    taken.set(plain, before + 1);
    return { ...entry, name: before === 0 ? plain : `${plain} #${before + 1}` };
  });
  entries.set(elaboration, result);
  return result;
}

/** The work of a file, and its machines as far as they or the file expect something of all of it together. */
export function checkedEntries(elaboration: Elaboration): readonly WorkEntry[] {
  const work = workEntries(elaboration);
  const machines = elaboration.machines.flatMap((machine): WorkEntry[] => {
    const { expectations } = machine.work;
    if (expectations.length === 0) return [];
    const { name } = machine.machine;
    const taken = work.some((entry) => entry.name === name);
    return [
      {
        name: taken ? `machine ${name}` : name,
        kind: 'machine',
        node: machine.node,
        machine,
        work: { transfers: [], scenarios: [], expectations },
        expectations,
      },
    ];
  });
  return [...work, ...machines];
}

/**
 * What has to run for an entry, or for everything where there is no name: a machine expects something of all of its work.
 * Empty where there is nothing of that name.
 */
export function entriesFor(elaboration: Elaboration, name: string | null): readonly WorkEntry[] {
  const all = checkedEntries(elaboration);
  if (name === null) return all;
  const found = all.filter((entry) => entry.name === name);
  const [first] = found;
  return first?.kind === 'machine' ? all.filter((entry) => entry.machine === first.machine) : found;
}

/** The name in the text; for an unnamed transfer the one that elaboration gave it. */
function plainName(entry: Omit<WorkEntry, 'name'>): string {
  const { name } = entry.node as AstNode & { readonly name?: string };
  return name ?? entry.work.transfers[0]?.name ?? entry.work.scenarios[0]?.name ?? '';
}

/** The same work with every `via` replaced. */
export function asVariant(work: Work, variant: RunVariant): Work {
  if (variant !== 'p2p' && variant !== 'host') return work;
  const turned = (transfers: readonly Transfer[]) => transfers.map((transfer) => ({ ...transfer, via: variant }));
  return {
    ...work,
    transfers: turned(work.transfers),
    scenarios: work.scenarios.map((scenario) => ({
      ...scenario,
      transfers: turned(scenario.transfers),
      activities: scenario.activities.map((one) =>
        one.kind === 'job' ? { ...one, settings: { ...one.settings, via: variant } } : one,
      ),
    })),
  };
}

/** Several pieces of work as one, for one machine. */
export function mergeWork(works: readonly Work[]): Work {
  return {
    transfers: works.flatMap((work) => work.transfers),
    scenarios: works.flatMap((work) => work.scenarios),
    expectations: works.flatMap((work) => work.expectations),
  };
}
