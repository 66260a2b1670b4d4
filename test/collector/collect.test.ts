import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTree } from '../../cli/unpack.ts';
import { readSysfs } from '../../formats/sysfs/read.ts';
import { textOfBytes } from '../../formats/sysfs/text.ts';
import { secrets, writePrograms, writeSystem } from './system.ts';

const script = resolve(import.meta.dirname, '../../collector/pcie-collect.sh');
const folder = mkdtempSync(join(tmpdir(), 'pcie-collector-'));
const root = join(folder, 'machine');
const temporary = join(folder, 'tmp');
const programs = join(folder, 'bin');
const applets = join(folder, 'applets');
beforeAll(() => {
  writeSystem(root);
  writePrograms(programs);
  mkdirSync(temporary);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isInstalled = (name: string) => spawnSync(name, name === 'busybox' ? ['true'] : ['-c', ':']).error === undefined;

/** Shells by what stands before the script; busybox also gives its own tar, od, dd and awk. */
const shells: readonly { readonly name: string; readonly command: readonly string[]; readonly hasApplets: boolean }[] =
  [
    { name: 'sh', command: ['/bin/sh'], hasApplets: false },
    { name: 'dash', command: ['dash'], hasApplets: false },
    { name: 'busybox', command: ['busybox', 'sh'], hasApplets: true },
  ];

function collect(shell: (typeof shells)[number], ...options: readonly string[]) {
  const [program = '', ...first] = shell.command;
  let path = `${programs}:${process.env.PATH ?? ''}`;
  if (shell.hasApplets) {
    mkdirSync(applets, { recursive: true });
    spawnSync('busybox', ['--install', '-s', applets]);
    path = `${programs}:${applets}:${path}`;
  }
  return spawnSync(program, [...first, script, ...options], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: path, TMPDIR: temporary, SYSROOT: root },
  });
}

function holds(bytes: Uint8Array, wanted: readonly number[]): boolean {
  return Buffer.from(bytes).includes(Buffer.from(wanted));
}

for (const shell of shells) {
  describe.skipIf(!isInstalled(shell.command[0] ?? ''))(`${shell.name} (skipped where it is not installed)`, () => {
    for (const ending of ['tar', 'tar.gz']) {
      test(`a ${ending} that the import reads, without what identifies the machine`, () => {
        const output = join(folder, `${shell.name}.${ending}`);
        const { status, stderr } = collect(shell, '--programs', '-o', output);
        expect({ status, stderr }).toMatchObject({ status: 0 });
        expect(stderr).toContain('Gathering 7 PCI functions');
        expect(readdirSync(temporary)).toEqual([]);
        const files = readTree(output);
        for (const [path, bytes] of files) {
          for (const [name, wanted] of Object.entries(secrets)) {
            if (name !== 'texts') expect(holds(bytes, wanted as readonly number[]), `${path}: ${name}`).toBe(false);
          }
          for (const text of secrets.texts) expect(`${path}\n${textOfBytes(bytes)}`).not.toContain(text);
        }
        const machine = readSysfs(files);
        const count = (role: string) => machine.functions.filter((one) => one.role === role).length;
        expect(machine.functions).toHaveLength(7);
        expect([count('root-port'), count('upstream-port'), count('downstream-port')]).toEqual([1, 1, 2]);
        expect(machine.functions.flatMap(({ names }) => names ?? []).sort()).toEqual(['eth7', 'nvme3']);
        expect(machine.functions.find(({ address }) => address === '0000:03:00.0')).toMatchObject({
          parent: '0000:02:00.0',
          driver: 'nvme',
          iommuGroup: 1,
          numaNode: 0,
          link: { current: { generation: 3, lanes: 4 } },
        });
        expect(machine.nodes).toMatchObject([{ id: 0, cores: 2, memoryBytes: 32 * 1024 ** 3, cpuVendor: 'intel' }]);
        expect(machine.linux).toMatchObject({
          version: '6.1.0-9',
          iommu: 'translate',
          commandLine: 'iommu.strict=0 intel_iommu=on pci=noats',
        });
      });
    }
    test('only what identifies is overwritten', () => {
      const output = join(folder, `${shell.name}-registers.tar`);
      expect(collect(shell, '-q', '-o', output).status).toBe(0);
      const path = 'sys/devices/pci0000:00/0000:00:02.0/0000:01:00.0/config';
      const before = readFileSync(join(root, path));
      const after = readTree(output).get(path) ?? new Uint8Array();
      const changed = [...before.keys()].filter((at) => before[at] !== after[at]);
      const spans = [
        [0x42, 0x48],
        [0xa3, 0xa7],
        [0x104, 0x10c],
        [0x148, 0x14c],
      ];
      expect(changed.filter((at) => !spans.some(([start = 0, end = 0]) => at >= start && at < end))).toEqual([]);
      expect(after).toHaveLength(before.length);
    });
    test('programs: their text without serial numbers, registers from cleaned bytes', () => {
      const output = join(folder, `${shell.name}-programs.tar`);
      expect(collect(shell, '-q', '--programs', '-o', output).status).toBe(0);
      const files = readTree(output);
      const text = (name: string) => textOfBytes(files.get(`programs/${name}`) ?? new Uint8Array());
      expect(text('lspci-vvv.txt')).toContain('LnkSta:\tSpeed 8GT/s');
      expect(text('lspci-vvv.txt')).toContain('Vital Product Data');
      expect(text('nvidia-smi-topo.txt')).toContain('GPU0');
      expect(text('lspci-xxxx.txt')).toContain('0000:01:00.0\n00: b5 10 65 97 ');
      expect(text('lspci-xxxx.txt')).toContain('\n100: 03 00 01 12 00 00 00 00 00 00 00 00 00 00 00 00\n');
    });
    test('refusals', () => {
      const output = join(folder, `${shell.name}-present.tar`);
      writeFileSync(output, 'mine');
      expect(collect(shell, '-o', output)).toMatchObject({ status: 1, stderr: expect.stringContaining('--force') });
      expect(readFileSync(output, 'utf8')).toBe('mine');
      expect(collect(shell, '--wrong').status).toBe(2);
      expect(collect(shell, '-o').status).toBe(2);
      expect(collect(shell, '-o', 'machine.zip').status).toBe(2);
      expect(collect(shell, '-o', join(folder, 'absent/x.tar')).status).toBe(1);
      expect(collect(shell, '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Left out:') });
      expect(collect(shell, '--dry-run')).toMatchObject({ status: 0, stderr: expect.stringContaining('7 PCI') });
      expect(readdirSync(temporary)).toEqual([]);
    });
  });
}
