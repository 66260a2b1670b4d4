import type { LangiumDocument } from 'langium';
import { formatRate, formatSeconds } from '../../model/quantity.ts';
import { type Cost, priceOf } from '../../simulator/price.ts';
import { simulate } from '../../simulator/simulate.ts';
import {
  type CheckServices,
  checkDocument,
  checkRuns,
  machinesToRun,
  type PlacedFinding,
  type RuleLevels,
} from './check.ts';

/** A finding with what it costs: in the message, and in the titles of its fixes what they gain. */
export function withCost(finding: PlacedFinding, cost: Cost | null): PlacedFinding {
  // What loses nothing on this machine is worth knowing, not a warning.
  if (cost === null) {
    const severity = finding.price !== null && finding.severity === 'warning' ? 'information' : finding.severity;
    return { ...finding, severity, price: null };
  }
  const figures = `${figure(cost.before, cost)} instead of ${figure(cost.after, cost)}`;
  return {
    ...finding,
    message: `${finding.message} Simulated: ${cost.what}: ${figures}.`,
    fixes: finding.fixes.map((fix) => ({
      ...fix,
      title: `${fix.title} (${cost.what}: ${figure(cost.before, cost)} to ${figure(cost.after, cost)})`,
    })),
    cost,
    price: null,
  };
}

const figure = (value: number, { unit }: Cost): string =>
  unit === 'seconds' ? formatSeconds(value) : formatRate(value);

/** Everything that the rules say of a file, with costs and runs, worked out here and now. */
export function checkAll(document: LangiumDocument, services: CheckServices, levels: RuleLevels = {}): PlacedFinding[] {
  const first = checkDocument(document, services, levels).map((finding) =>
    finding.price === null ? finding : withCost(finding, priceOf(finding.price.machine, finding.price.request) ?? null),
  );
  const runs = machinesToRun(document, services).map((machine) => ({
    machine,
    result: simulate(machine.machine, machine.work),
  }));
  return together(first, checkRuns(document, runs, levels));
}

/** Findings of both stages in the order of the text. */
export function together(first: readonly PlacedFinding[], later: readonly PlacedFinding[]): PlacedFinding[] {
  return [...first, ...later].sort((a, b) => a.offset - b.offset);
}
