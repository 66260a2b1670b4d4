import { componentAt, type Machine } from '../model/machine.ts';
import { gpuDriverOf } from './drivers/gpu/drivers.ts';
import type { TaskTimes } from './engine/flow.ts';
import { coveredSeconds } from './explain/work-tracks.ts';
import type { Plan } from './plan.ts';
import type { CounterResult, LimitPhase, LinkUse } from './simulate.types.ts';

/**
 * What monitoring tools would have shown of a run: means over its time.
 *
 * - `nvidia-smi dmon -s t`: rxpci and txpci, MB/s (nvidia-smi manual, "dmon"); `-s u`: sm, percent of the time.
 * - DCGM: DCGM_FI_PROF_PCIE_TX_BYTES (1009) and _RX_BYTES (1010), with headers as well as payload, and
 *   DCGM_FI_PROF_NVLINK_TX_BYTES (1011) and _RX_BYTES (1012) (DCGM, "Field identifiers", dcgm_fields.h).
 * - pcm-pcie: PCIRdCur (device reads of memory), ItoM (full lines that devices write), in bytes (Intel PCM,
 *   src/pcm-pcie.cpp: events times 64 B).
 * - AER: BadTLP (Documentation/ABI/testing/sysfs-bus-pci-devices-aer_stats).
 *
 * Receive is towards the device.
 */
export function countersOf(
  machine: Machine,
  plan: Plan,
  times: readonly TaskTimes[],
  links: readonly LinkUse[],
  makespanSeconds: number,
): CounterResult[] {
  if (makespanSeconds <= 0) return [];
  const counters: CounterResult[] = [];
  const wires = new Map(links.map((use) => [`${use.name} ${use.direction}`, use.wireBytes]));
  const [nvlinks, computing] = [nvlinkBytes(machine, plan), computeSeconds(plan, times)];
  for (const gpu of machine.components) {
    // Tools of NVIDIA show what its drivers drive.
    if (gpu.kind !== 'gpu' || !gpuDriverOf(gpu).cuda) continue;
    const link = machine.links[machine.linkAbove[gpu.id] ?? -1];
    const wire = (direction: 'up' | 'down') => wires.get(`${link?.name} ${direction}`) ?? 0;
    const nvlink = nvlinks.get(gpu.id) ?? noBytes;
    const busy = computing.get(gpu.id) ?? 0;
    const [rx, tx] = [wire('down'), wire('up')];
    if (rx + tx + nvlink.tx + nvlink.rx + busy === 0) continue;
    const of = gpu.name;
    const add = (tool: string, counter: string, value: number, unit: CounterResult['unit']) =>
      counters.push({ tool, counter, of, value, unit });
    add('nvidia-smi dmon', 'rxpci', rx / makespanSeconds / 1e6, 'megabytesPerSecond');
    add('nvidia-smi dmon', 'txpci', tx / makespanSeconds / 1e6, 'megabytesPerSecond');
    add('nvidia-smi dmon', 'sm', (100 * busy) / makespanSeconds, 'percent');
    add('DCGM', 'DCGM_FI_PROF_PCIE_TX_BYTES', tx / makespanSeconds, 'bytesPerSecond');
    add('DCGM', 'DCGM_FI_PROF_PCIE_RX_BYTES', rx / makespanSeconds, 'bytesPerSecond');
    add('DCGM', 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', busy / makespanSeconds, 'fraction');
    if (nvlink.tx + nvlink.rx === 0) continue;
    add('DCGM', 'DCGM_FI_PROF_NVLINK_TX_BYTES', nvlink.tx / makespanSeconds, 'bytesPerSecond');
    add('DCGM', 'DCGM_FI_PROF_NVLINK_RX_BYTES', nvlink.rx / makespanSeconds, 'bytesPerSecond');
  }
  return [...counters, ...memoryCounters(machine, plan), ...aerCounters(machine, links)];
}

/**
 * Correctable errors as `/sys/bus/pci/devices/<address>/aer_dev_correctable` counts them at the receiver of a link that has a
 * bit error rate: as many TLPs as are to be expected to be bad. Each of them is sent again.
 */
function aerCounters(machine: Machine, links: readonly LinkUse[]): CounterResult[] {
  const known = new Map(machine.links.filter(({ kind }) => kind === 'pcie').map((link) => [link.name, link]));
  return links.flatMap((use): CounterResult[] => {
    const link = known.get(use.name);
    if (link === undefined || link.device === null) return [];
    const [port, device] = [link.port, link.device].map((end) => componentAt(machine, end));
    if (port === undefined || device === undefined) return [];
    const rate = Math.max(port.settings.bitErrorRate ?? 0, device.settings.bitErrorRate ?? 0);
    if (rate === 0) return [];
    const of = (use.direction === 'up' ? port : device).name;
    return [{ tool: 'AER', counter: 'BadTLP', of, value: Math.round(use.wireBytes * 8 * rate), unit: 'count' }];
  });
}

const noBytes = { tx: 0, rx: 0 };

/** Bytes over the links beside PCIe, by the device at which they end. */
function nvlinkBytes(machine: Machine, plan: Plan): ReadonlyMap<number, { tx: number; rx: number }> {
  const sums = new Map<number, { tx: number; rx: number }>();
  const add = (component: number, way: 'tx' | 'rx', bytes: number) => {
    const sum = sums.get(component) ?? { tx: 0, rx: 0 };
    sum[way] += bytes;
    sums.set(component, sum);
  };
  for (const [task, { route }] of plan.copies) {
    plan.check();
    const bytes = plan.tasks[task]?.amount ?? 0;
    for (const leg of route.legs) {
      for (const hop of leg.hops) {
        const connection = hop.kind === 'interconnect' ? machine.connections[hop.connection] : undefined;
        if (hop.kind !== 'interconnect' || connection === undefined) continue;
        const [from, to] = hop.forward ? [connection.from, connection.to] : [connection.to, connection.from];
        add(from, 'tx', bytes);
        add(to, 'rx', bytes);
      }
    }
  }
  return sums;
}

/** Time in which any kernel ran, by GPU. */
function computeSeconds(plan: Plan, times: readonly TaskTimes[]): ReadonlyMap<number, number> {
  const spans = new Map<number, LimitPhase[]>();
  plan.tasks.forEach((task, index) => {
    plan.check();
    const gpus = new Set(task.resources.map((resource) => plan.gpuOf(resource)).filter((gpu) => gpu !== null));
    for (const gpu of gpus) {
      const own = spans.get(gpu) ?? [];
      spans.set(gpu, own);
      for (const phase of times[index]?.phases ?? []) own.push(phase);
    }
  });
  return new Map(
    [...spans].map(([gpu, phases]) => {
      plan.check();
      return [gpu, coveredSeconds(phases, plan.check)];
    }),
  );
}

/** What devices read of the memory of a socket and wrote to it. */
function memoryCounters(machine: Machine, plan: Plan): CounterResult[] {
  const sums = new Map<number, { read: number; written: number }>();
  for (const [task, { route }] of plan.copies) {
    plan.check();
    const bytes = plan.tasks[task]?.amount ?? 0;
    for (const leg of route.legs) {
      // What a core loads and stores is no request of a device.
      if ((leg.from.memory && leg.to.memory) || componentAt(machine, leg.initiator).kind === 'socket') continue;
      for (const hop of leg.hops) {
        if (hop.kind !== 'memory') continue;
        const sum = sums.get(hop.component) ?? { read: 0, written: 0 };
        if (hop.access === 'read') sum.read += bytes;
        else sum.written += bytes;
        sums.set(hop.component, sum);
      }
    }
  }
  return [...sums].flatMap(([socket, { read, written }]): CounterResult[] => {
    const of = componentAt(machine, socket).name;
    return [
      { tool: 'pcm-pcie', counter: 'PCIRdCur', of, value: read, unit: 'bytes' },
      { tool: 'pcm-pcie', counter: 'ItoM', of, value: written, unit: 'bytes' },
    ];
  });
}

/** Counters that can be expected: their names in the language, those of the tools, and SI units for one of theirs. */
export const counterMetrics: Readonly<Record<string, { readonly counter: string; readonly factor: number }>> = {
  rxpci: { counter: 'rxpci', factor: 1e6 },
  txpci: { counter: 'txpci', factor: 1e6 },
  sm: { counter: 'sm', factor: 0.01 },
  'nvlink-rx': { counter: 'DCGM_FI_PROF_NVLINK_RX_BYTES', factor: 1 },
  'nvlink-tx': { counter: 'DCGM_FI_PROF_NVLINK_TX_BYTES', factor: 1 },
  PCIRdCur: { counter: 'PCIRdCur', factor: 1 },
  ItoM: { counter: 'ItoM', factor: 1 },
  BadTLP: { counter: 'BadTLP', factor: 1 },
  'data-units-read': { counter: 'Data Units Read', factor: 1 },
  'data-units-written': { counter: 'Data Units Written', factor: 1 },
  'media-units-written': { counter: 'Physical media units written', factor: 1 },
};

/** What a counter would have shown of a device, or of all where none is named; 0 where nothing was counted. */
export function counterNumber(
  counters: readonly CounterResult[],
  metric: string,
  of: string | null,
): number | undefined {
  const asked = counterMetrics[metric];
  if (asked === undefined) return undefined;
  const own = counters.filter((one) => one.counter === asked.counter && (of === null || one.of === of));
  return own.reduce((sum, one) => sum + one.value, 0) * asked.factor;
}
