import { hostProfile } from '../../model/host/profiles.ts';
import { switchLatency } from '../../model/link/latency.ts';
import { componentAt } from '../../model/machine.ts';
import { describePath } from '../../simulator/path.ts';
import { elaborate, endOf } from './elaborate.ts';
import { gpuOf, machineText, type Prediction } from './machines.ts';
import type { Row } from './row.ts';

/** CPUs that stand for the names that a planner gives its constants. */
const planners: readonly (readonly [RegExp, string])[] = [
  [/BDW/, 'vendor intel\nhost-bridge 8086:6f00'],
  [/SKL/, 'vendor intel\nhost-bridge 8086:2030'],
  [/SRP|Sapphire/, ': xeon-platinum-8480'],
  [/ERP|Emerald|Granite/, ': xeon-platinum-8592'],
  [/AMD/, 'vendor amd\nfamily 0x19'],
  [/ARM/, 'vendor arm'],
];

/** Figures of planners and vendors, beside what the model has or reckons in their place. */
export async function predictConstant(row: Row): Promise<Prediction> {
  const text = `${row.scenario} ${row.metric} ${row.conditions}`;
  if (/port-to-port|cut-through/i.test(text)) return { predicted: switchLatency.value, profile: 'switch' };
  if (/PCI_BW/.test(row.scenario)) {
    const gen = /Gen ?(\d)/i.exec(row.scenario)?.[1] ?? '3';
    const machine = await elaborate(
      machineText({ name: '', colon: '', lines: [] }, [
        `root-port rp0 gen${gen} x16 {`,
        gpuOf({ ...row, gen, lanes: '16' }, 'gpu0'),
        '}',
      ]),
    );
    const path = describePath(machine.machine, endOf(machine, 'cpu0'), endOf(machine, 'gpu0'));
    return { predicted: path.bytesPerSecond, profile: `GPU below Gen${gen} x16` };
  }
  if (/INTEL_P2P/.test(row.scenario)) {
    // Payload efficiency of 256 B over that of the pieces in which a Xeon hands writes on.
    const machine = await elaborate(machineText({ name: '', colon: ' : xeon-platinum-8480', lines: [] }, []));
    const split = hostProfile(componentAt(machine.machine, 0)).peerWriteSplitBytes?.value ?? 256;
    return { predicted: (1 + 24 / split) / (1 + 24 / 256), profile: 'Xeon, peer writes' };
  }
  if (/Inter-CPU|CPU-to-CPU/i.test(row.scenario)) {
    const turin = /EPYC 9575F/.test(row.conditions) ? ': epyc-9575f' : undefined;
    const found = turin ?? planners.find(([pattern]) => pattern.test(row.scenario))?.[1];
    if (found === undefined) return { unknown: 'the CPU is not named' };
    const host = found.startsWith(':')
      ? { name: '', colon: ` ${found}`, lines: [] }
      : { name: '', colon: '', lines: [found] };
    const machine = await elaborate(machineText(host, []));
    const profile = hostProfile(componentAt(machine.machine, 0));
    return { predicted: profile.interconnectBytesPerSecond.value, profile: profile.name };
  }
  if (/memory BW|cross-socket BW/i.test(row.scenario)) return { unknown: 'the CPU is not named' };
  if (/NCCL/.test(row.scenario)) return { unknown: 'latency of a collective’s protocol, not of a path' };
  if (/GSP|RPC/.test(row.scenario)) return { unknown: 'time in firmware and driver, not of a path' };
  if (/IOMMU|IOTLB/i.test(row.scenario)) return { unknown: 'request sizes, rates and window are not given' };
  return { unknown: 'no model of this' };
}
