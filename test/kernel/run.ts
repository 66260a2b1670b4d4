// npm run test:kernel -- [--firmware linux|seabios|ovmf] [--count 300] [--first 1] [--seed N]… [--known] [--numbers-only] [--verbose]
// Random topologies, each booted with the real kernel under QEMU, against our own enumeration. --known: the seeds that once
// differed; --numbers-only: bus numbers and groups, without addresses. The last line says how many were compared and how many differ.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { QemuFirmware } from '../../formats/qemu/arguments.ts';
import { kernelCache, kernelImage, missingToBoot } from './boot/boot.ts';
import { compareRandom } from './random/compare-random.ts';

const { values } = parseArgs({
  options: {
    firmware: { type: 'string', default: 'linux' },
    count: { type: 'string', default: '300' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string', multiple: true },
    verbose: { type: 'boolean', default: false },
    known: { type: 'boolean', default: false },
    'numbers-only': { type: 'boolean', default: false },
  },
});
const firmware = (['linux', 'seabios', 'ovmf'] as const).find((one) => one === values.firmware);
if (firmware === undefined) throw new Error(`--firmware is linux, seabios or ovmf, not ${values.firmware}`);

/** Seeds that once differed, by firmware: they stay, and `--known` compares them again. */
const seedsFile = resolve(import.meta.dirname, 'seeds.json');
type Seeds = Partial<Record<QemuFirmware, number[]>>;
const kept = JSON.parse(readFileSync(seedsFile, 'utf8')) as Seeds;

if (kernelImage() === null) fetchKernel();
const missing = missingToBoot();
if (missing !== null) throw new Error(missing);

const first = Number(values.first);
const seeds =
  values.seed?.map(Number) ??
  (values.known ? (kept[firmware] ?? []) : Array.from({ length: Number(values.count) }, (_, index) => first + index));
let compared = 0;
const failed: number[] = [];
const refused: number[] = [];
let functions = 0;
let inNumbers = 0;
let stopped = 0;
let withUnassigned = 0;
for (const seed of seeds) {
  const result = await compareRandom(seed, firmware, values['numbers-only'] !== true);
  if (result.refused !== null) {
    refused.push(seed);
    console.log(`seed ${seed}: not booted\n${tail(result.refused)}`);
    continue;
  }
  if (result.stops !== null) {
    stopped++;
    continue;
  }
  compared++;
  functions += result.functions;
  if (result.unassigned > 0) withUnassigned++;
  if (result.differences.length > 0) {
    failed.push(seed);
    if (result.differences.some(({ what }) => what !== 'bar' && what !== 'window')) inNumbers++;
    console.log(`seed ${seed}: ${result.differences.length} differences`);
    const shown = values.verbose ? result.differences : result.differences.slice(0, 3);
    for (const { what, at, kernel, ours } of shown)
      console.log(`  ${what} ${at ?? ''}: kernel ${kernel}, ours ${ours}`);
    if (values.verbose) console.log(result.text);
  }
  if (compared % 10 === 0) console.log(`${compared} of ${seeds.length} compared, ${failed.length} differ`);
}
if (failed.length > 0) {
  const all = [...new Set([...(kept[firmware] ?? []), ...failed])].sort((a, b) => a - b);
  const rows = Object.entries({ ...kept, [firmware]: all }).map(([name, list]) => `  "${name}": [${list.join(', ')}]`);
  writeFileSync(seedsFile, `{\n${rows.join(',\n')}\n}\n`);
}
console.log(`${functions} functions; ${withUnassigned} topologies with BARs that find no place`);
if (failed.length > 0)
  console.log(`${inNumbers} differ in functions, bus numbers or groups, the others in addresses only`);
if (stopped > 0) console.log(`${stopped} not booted, since firmware would stop by our own account`);
if (refused.length > 0) console.log(`not booted: seeds ${refused.join(', ')}`);
console.log(
  `${firmware}: ${compared} compared, ${failed.length} differ${failed.length > 0 ? `: seeds ${failed.join(', ')}` : ''}`,
);
process.exitCode = failed.length + refused.length > 0 ? 1 : 0;

/** First and last lines of what QEMU and the guest said. */
function tail(said: string): string {
  const lines = said.split('\n').filter((line) => !line.includes('has no peer') && line.trim() !== '');
  return lines.length <= 8 ? lines.join('\n') : [...lines.slice(0, 2), '…', ...lines.slice(-6)].join('\n');
}

/** The kernel of Debian's cloud image, unpacked from its package; apt and dpkg do it. */
function fetchKernel(): void {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-'));
  try {
    const depends = execFileSync('apt-cache', ['depends', 'linux-image-cloud-amd64'], { encoding: 'utf8' });
    const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
    if (name === undefined) throw new Error('apt knows no linux-image-cloud-amd64');
    console.log(`fetching ${name}`);
    execFileSync('apt-get', ['download', name], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get download ${name} brought nothing`);
    execFileSync('dpkg-deb', ['--extract', archive, 'root'], { cwd: folder });
    mkdirSync(kernelCache, { recursive: true });
    const boot = join(folder, 'root/boot');
    for (const file of existsSync(boot) ? readdirSync(boot) : []) {
      if (file.startsWith('vmlinuz-')) {
        writeFileSync(join(kernelCache, `${file}.part`), readFileSync(join(boot, file)));
        renameSync(join(kernelCache, `${file}.part`), join(kernelCache, file));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
