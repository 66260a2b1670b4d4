import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
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
import type { QemuFirmware } from '../../../formats/qemu/arguments.ts';
import { makeInitramfs } from './initramfs.ts';
import { type BootReport, readReport } from './report.ts';

export const kernelCache = resolve(import.meta.dirname, '../../../.cache/kernel');
const qemu = '/usr/bin/qemu-system-x86_64';
const busybox = '/bin/busybox';
const ovmf = { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' };

/** What takes time under emulation and has no say in discovery. */
const faster = [
  'mitigations=off',
  'nokaslr',
  'lpj=4000000',
  'tsc=reliable',
  'cryptomgr.notests=1',
  'audit=0',
  'apparmor=0',
];

/** The kernel image to boot: $KERNEL, or the one that `npm run test:kernel` has fetched; null where there is none. */
export function kernelImage(): string | null {
  const named = process.env.KERNEL;
  if (named !== undefined && named !== '') return existsSync(named) ? named : null;
  if (!existsSync(kernelCache)) return null;
  const found = readdirSync(kernelCache).filter((name) => name.startsWith('vmlinuz-'));
  const last = found.sort().at(-1);
  return last === undefined ? null : join(kernelCache, last);
}

/** What is missing to boot, or null. */
export function missingToBoot(): string | null {
  if (!existsSync(qemu)) return 'qemu-system-x86_64 is not installed (Debian: qemu-system-x86)';
  if (!existsSync(busybox)) return 'busybox is not installed (Debian: busybox-static)';
  return kernelImage() === null ? 'there is no kernel image: npm run test:kernel fetches one' : null;
}

export interface BootOptions {
  readonly firmware: QemuFirmware;
  readonly memoryBytes: number;
  /** Further words of the kernel's command line. */
  readonly append?: readonly string[];
  /** Virtual functions to enable, by the address of the physical one. */
  readonly enabledVfs?: ReadonlyMap<string, number>;
  /** Properties of the IOMMU; null: none. */
  readonly iommu?: string | null;
  readonly timeoutSeconds?: number;
  /** Runs the collector in the guest. */
  readonly collects?: boolean;
  /** Variables that QEMU is to find beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Boots the kernel on a q35 with these options and reports what it made of them.
 *
 * @throws Error where QEMU refuses the options or the guest does not come to its end; the message has what QEMU said
 */
export async function boot(options: readonly string[], how: BootOptions): Promise<BootReport> {
  const missing = missingToBoot();
  const kernel = kernelImage();
  if (missing !== null || kernel === null) throw new Error(missing ?? 'no kernel');
  const folder = mkdtempSync(join(tmpdir(), 'pcie-boot-'));
  try {
    const log = join(folder, 'serial');
    const args = [...fixedOptions(how), ...firmwareOptions(how.firmware, folder), ...options];
    const words = [
      'console=ttyS0',
      'loglevel=3',
      'panic=-1',
      'no_timer_check',
      'intel_iommu=on',
      'log_buf_len=1M',
      ...faster,
    ];
    if (how.firmware === 'linux') words.push('pci=assign-busses');
    words.push(...(how.append ?? []));
    const vfs = [...(how.enabledVfs ?? [])].map(([address, count]) => `${address}=${count}`);
    if (vfs.length > 0) words.push(`vfs=${vfs.join(',')}`);
    if (how.collects === true) words.push('collect=yes');
    args.push('-kernel', kernel, '-initrd', initramfs(), '-append', words.join(' '), '-serial', `file:${log}`);
    for (let attempt = 1; ; attempt++) {
      const said = await run(args, how.timeoutSeconds ?? 240, how.environment ?? {});
      const text = existsSync(log) ? readFileSync(log, 'latin1') : '';
      if (text.includes('#done')) return readReport(text);
      if (attempt === 2) throw new Error(`the guest did not come to its end\n${said}\n${text.slice(-2000)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fixedOptions({ memoryBytes, iommu }: BootOptions): string[] {
  const options = ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-smp', '1'];
  options.push(
    '-machine',
    `q35,accel=${process.env.QEMU_ACCEL ?? 'tcg'}`,
    '-cpu',
    'qemu64',
    '-m',
    `${Math.ceil(memoryBytes / 2 ** 20)}M`,
  );
  if (iommu !== null) options.push('-device', `intel-iommu${iommu === undefined || iommu === '' ? '' : `,${iommu}`}`);
  return options;
}

function firmwareOptions(firmware: QemuFirmware, folder: string): string[] {
  if (firmware === 'seabios') return [];
  if (firmware !== 'ovmf') return ['-bios', 'qboot.rom'];
  const variables = join(folder, 'variables');
  copyFileSync(ovmf.variables, variables);
  return [
    ...['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${ovmf.code}`],
    ...['-drive', `if=pflash,format=raw,unit=1,file=${variables}`],
  ];
}

/** The archive by its content, so that runs of two versions of it do not stand in each other's way. */
function initramfs(): string {
  const content = makeInitramfs(busybox);
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const path = join(kernelCache, `initramfs-${digest}.cpio`);
  if (!existsSync(path)) {
    mkdirSync(kernelCache, { recursive: true });
    const part = `${path}.${process.pid}`;
    writeFileSync(part, content);
    renameSync(part, path);
  }
  return path;
}

/** Runs QEMU to its end; returns what it printed, and what ended it where that was a signal. */
function run(
  args: readonly string[],
  timeoutSeconds: number,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  return new Promise((done) => {
    const child = spawn(qemu, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    let said = '';
    const keep = (data: Buffer) => {
      said += data.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutSeconds * 1000);
    child.on('close', (_, signal) => {
      clearTimeout(timer);
      done(signal === null ? said : `${said}\nQEMU was ended by ${signal}`);
    });
  });
}
