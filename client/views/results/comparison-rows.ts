import type { RunRecord } from '../../../server/protocol.ts';
import type { RunResult, TransferResult } from '../../../simulator/simulate.types.ts';

/** One transfer in each variant; null where a variant has none of that name. */
export interface ComparisonRow {
  readonly name: string;
  readonly variants: readonly (TransferResult | null)[];
}

/** The transfers of a comparison side by side, in the order of the first variant. */
export function comparisonRows(record: RunRecord): readonly ComparisonRow[] {
  const byVariant = record.variants.map(({ result }) => namedTransfers(result.runs));
  const names = [...new Set(byVariant.flatMap((named) => [...named.keys()]))];
  return names.map((name) => ({ name, variants: byVariant.map((named) => named.get(name) ?? null) }));
}

/** Transfers by a name that is unique over all runs. */
function namedTransfers(runs: readonly RunResult[]): ReadonlyMap<string, TransferResult> {
  const named = new Map<string, TransferResult>();
  for (const run of runs) {
    for (const transfer of run.transfers) {
      const plain = runs.length > 1 && run.name !== transfer.name ? `${run.name}: ${transfer.name}` : transfer.name;
      let name = plain;
      for (let number = 2; named.has(name); number++) name = `${plain} #${number}`;
      named.set(name, transfer);
    }
  }
  return named;
}
