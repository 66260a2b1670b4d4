import { predictConstant } from './constants.ts';
import { predictAccess, predictCalls, predictCopy } from './copies.ts';
import { type Overrides, predictDma } from './dma.ts';
import type { Prediction } from './machines.ts';
import { predictNetwork } from './network.ts';
import { predictCollective, predictPeers, predictSeveral } from './peers.ts';
import { familyOf, measuredValue, type Row } from './row.ts';
import { predictStorage } from './storage.ts';

/** A row with what the model says of it. */
export interface Judged {
  readonly row: Row;
  readonly family: string;
  /** SI units; null where the row gives no single number. */
  readonly measured: number | null;
  readonly prediction: Prediction;
}

/** Predicts every row. What the rows of one source say of their rig holds for all of them. */
export async function judge(rows: readonly Row[], overrides: Overrides = {}): Promise<Judged[]> {
  const rigs = new Map<string, string[]>();
  for (const row of rows) {
    const said = rigs.get(row.source) ?? [];
    for (const text of [row.scenario, row.conditions]) if (!said.includes(text)) said.push(text);
    rigs.set(row.source, said);
  }
  const judged: Judged[] = [];
  for (const row of rows) {
    const rig = (rigs.get(row.source) ?? []).join('; ');
    const measured = measuredValue(row);
    const prediction =
      measured === null
        ? { unknown: 'no single number in a unit that is known' }
        : await predict(row, rig, overrides).catch((error: unknown): Prediction => {
            // A row that the mapping cannot write as text is reported with what the language says of it.
            const said = String(error instanceof Error ? error.message : error).split('\n')[0];
            return { unknown: `not written as text: ${said}` };
          });
    judged.push({ row, family: familyOf(row), measured, prediction });
  }
  return judged;
}

/** By what was measured, never by which row it is. */
async function predict(row: Row, rig: string, overrides: Overrides): Promise<Prediction> {
  const { scenario } = row;
  const text = `${scenario}; ${row.metric}`;
  if (row.source.startsWith('pcie-bench/data') || /\bDMA (read|write|rd|wr)\b/i.test(scenario))
    return predictDma(row, overrides);
  if (/bus ?bw|bus bandwidth|all.?reduce|all.?gather/i.test(text) && !/constant|latency/i.test(text)) {
    return predictCollective(row, rig);
  }
  if (
    /constant|NCCL|INTEL_P2P|cut-through|CPU-to-CPU|memory BW|cross-socket BW|\bGSP\b|^IOMMU|^IOTLB|gem5/i.test(
      scenario,
    )
  ) {
    return predictConstant(row);
  }
  if (/^(N|)NVMe|SSD|gdsio|GPUD\b|\bspec\b|SPDK|QD\d|Optane|\bfio\b|IOPS/i.test(text)) return predictStorage(row, rig);
  if (/RDMA|\bib_|perftest|ConnectX|\bNIC\b|GbE|iperf|DPDK/i.test(text)) return predictNetwork(row);
  if (/NVLink|NVSwitch|\bC2C\b/i.test(scenario)) return { unknown: 'a link beside PCIe, taken as the text states it' };
  if (/BAR|MMIO|gdr_?copy/.test(scenario) && !/overhead/i.test(scenario)) return predictAccess(row);
  if (/P2P|peer|contention|uplink|GPU-GPU|GPU to GPU/i.test(scenario)) return predictPeers(row, rig);
  if (/H2D|D2H|ingress|egress|pinned|memcpy|host->|->host|host->GPU|XDMA|QDMA|H2C|C2H|copy|peak/i.test(text)) {
    if (/\d+[ -]?x? ?GPUs?\b/i.test(text) && /aggregate|total|at once/i.test(text)) return predictSeveral(row, rig);
    return /XDMA/.test(text) ? predictCalls(row) : predictCopy(row);
  }
  return { unknown: 'no model of this' };
}
