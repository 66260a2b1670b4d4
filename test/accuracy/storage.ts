import { simulate } from '../../simulator/simulate.ts';
import { elaborate } from './elaborate.ts';
import { gpuOf, hostOf, machineText, type Prediction, partOf } from './machines.ts';
import { aggregate } from './peers.ts';
import { bytesIn, type Row } from './row.ts';

/** Data sheet figures of drives that the catalogue lacks, as the text writes them. */
const drives: readonly (readonly [RegExp, readonly string[]])[] = [
  // Solidigm, D7-PS1010 product brief: 14.5 GB/s read, 10 GB/s written.
  [/PS1010/, ['link gen5 x4', 'read-bandwidth 14.5 GB/s', 'write-bandwidth 10 GB/s']],
];

const driveParts: readonly (readonly [RegExp, string])[] = [
  [/PM1753/, 'pm1753'],
  [/PM1743/, 'pm1743'],
  [/PM9A3/, 'pm9a3'],
  [/990 ?PRO/i, 'samsung-990-pro'],
  [/960 ?EVO/i, 'samsung-960-evo'],
  [/P5800X/, 'optane-p5800x'],
];

function driveOf(text: string, name: string): string | null {
  for (const [pattern, part] of driveParts) {
    if (pattern.test(text) && partOf(part) !== null) return `nvme ${name} : ${part}`;
  }
  for (const [pattern, lines] of drives) if (pattern.test(text)) return [`nvme ${name} {`, ...lines, '}'].join('\n');
  return null;
}

/** How a row says that the IOMMU was set up. */
function iommuLines(text: string): string[] {
  if (/strict/i.test(text)) return ['iommu translate', 'invalidation strict'];
  if (/\blazy\b/i.test(text)) return ['iommu translate', 'invalidation lazy'];
  return /passthrough|iommu=pt/i.test(text) ? ['iommu passthrough'] : ['iommu off'];
}

/** A job as fio would run it; SPDK where the row names it. */
function jobText(text: string, drives: readonly number[], bytes: number, writes: boolean, thread = 0): string[] {
  const depth = /QD(\d+)/.exec(text)?.[1] ?? '128';
  return [
    `job j${drives[0] ?? 0}_${thread} on ${drives.map((drive) => `ssd${drive}`).join(' ')} {`,
    `pattern ${writes ? 'randwrite' : 'randread'}`,
    `block ${bytes} B`,
    `depth ${depth}`,
    `engine ${/SPDK/i.test(text) ? 'spdk' : 'libaio'}`,
    'runtime 1 ms',
    '}',
  ];
}

/** Drives into and out of GPUs and host memory. `conditions`: of the whole rig. */
export async function predictStorage(row: Row, conditions: string): Promise<Prediction> {
  // What a row says itself comes first; of its rig it takes what it leaves out, and no drive where it names another.
  const own = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const text = driveOf(own, '') !== null || /\b[A-Z]{2,}\d{3,}/.test(row.scenario) ? own : `${own}; ${conditions}`;
  if (driveOf(text, 'ssd0') === null)
    return { unknown: 'the drive is in no catalogue, and the row does not describe it' };
  const count = Number(/(\d+)x P[\w-]*\d/.exec(text)?.[1] ?? /(\d+)x D7/.exec(text)?.[1] ?? 1);
  const gpus = Number(/(\d) GPU\b/.exec(row.scenario)?.[1] ?? (/GPU/.test(text) ? 1 : 0));
  const host = hostOf(row, conditions);
  const writes = /\bwrite/i.test(row.scenario) && !/\bread/i.test(row.scenario);
  const bytes = bytesIn(row.payload);
  const ports: string[] = [];
  const otherPorts: string[] = [];
  const sockets = /\b2S\b|2x (Xeon|EPYC)/.test(text) ? 2 : 1;
  const half = sockets === 2 && gpus === 0 ? Math.ceil(count / 2) : count;
  for (let drive = 0; drive < count; drive++) {
    (drive < half ? ports : otherPorts).push(
      `root-port d${drive} gen5 x4 {`,
      'acs off',
      driveOf(text, `ssd${drive}`) ?? '',
      '}',
    );
  }
  const link = `gen${/\d/.exec(row.gen)?.[0] ?? 5} x16`;
  for (let gpu = 0; gpu < gpus; gpu++) {
    ports.push(`root-port g${gpu} ${link} {`, 'acs off', gpuOf({ ...row, lanes: '16' }, `gpu${gpu}`, conditions), '}');
  }
  const devices = Array.from({ length: gpus }, (_, gpu) => `gpu${gpu}`);
  const block = bytes === null ? [] : [`block ${bytes} B`, 'depth 128'];
  // Through a buffer of the CPU, where a row says so.
  const bounced = gpus > 0 && /bounce|CPU.GPU|without (GDS|GPUDirect)|GDS off|\bposix\b/i.test(own) ? ['via host'] : [];
  const work = ['scenario s {'];
  const operations = /IOPS|^[num]s$/.test(row.unit);
  const drives = Array.from({ length: count }, (_, drive) => drive);
  // One thread for all drives where a row says so, else one for each.
  const threads = /(1|one|single) (CPU )?(thread|core)/i.test(own) ? [drives] : drives.map((drive) => [drive]);
  // A data sheet says what the drive does when nothing else holds it back: threads enough.
  const jobs = /\bspec\b|data.?sheet/i.test(own) ? 16 : Number(/numjobs[ =]?(\d+)/i.exec(own)?.[1] ?? 1);
  for (let thread = 0; operations && thread < jobs; thread++) {
    for (const one of threads) work.push(...jobText(text, one, bytes ?? 4096, writes, thread));
  }
  for (let drive = 0; drive < count; drive++) {
    if (operations) break;
    for (const end of gpus > 0 ? devices : [drive < half ? 'cpu0' : 'cpu1']) {
      const [from, to] = writes ? [end, `ssd${drive}`] : [`ssd${drive}`, end];
      work.push(`transfer from ${from} to ${to} by ssd${drive} {`, 'size 4 GiB', ...block, ...bounced, '}');
    }
  }
  work.push('}');
  const machine = await elaborate(machineText(host, ports, { sockets, otherPorts, work, linux: iommuLines(own) }));
  const [run] = simulate(machine.machine, machine.work).runs;
  if (run === undefined) return { unknown: 'no run' };
  const profile = host.name;
  const [job] = run.jobs ?? [];
  if (operations && row.unit !== 'IOPS' && !row.unit.endsWith('IOPS')) {
    return job === undefined ? { unknown: 'no job' } : { predicted: job.latency.p50, profile };
  }
  if (operations) return { predicted: (run.jobs ?? []).reduce((sum, { iops }) => sum + iops, 0), profile };
  if (/RX bytes|on the wire/i.test(row.metric)) {
    const wire = run.links.filter(({ name, direction }) => /\bg0$/.test(name) && direction === 'down');
    return { predicted: wire.reduce((sum, { wireBytes }) => sum + wireBytes, 0) / run.makespanSeconds, profile };
  }
  return { predicted: aggregate(run), profile };
}
