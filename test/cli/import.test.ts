import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { importMachine } from '../../cli/commands/import.ts';
import { Misuse } from '../../cli/exit.ts';

const fixture = resolve(import.meta.dirname, '../formats/fixtures/switch-server.lspci.txt');
const folder = mkdtempSync(join(tmpdir(), 'pcie-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** What the command writes to standard output and standard error. */
async function run(
  ...pairs: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly notes: string }> {
  const written = { out: '', notes: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.notes += String(text);
    return true;
  });
  const code = await importMachine(pairs, {});
  vi.restoreAllMocks();
  return { code, ...written };
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe('pcie import', () => {
  test('text on standard output, notes on standard error', async () => {
    const { code, out, notes } = await run('lspci', fixture);
    expect(code).toBe(0);
    expect(out).toMatch(/^machine switch-server \{$/m);
    expect(out).toContain('trained gen1 x16 idle');
    expect(notes).toBe('');
  });
  test('several sources are merged; a note names its file', async () => {
    const list = file(
      'list.txt',
      '01:00.0 3D controller [0302]: NVIDIA Corporation X [10de:1234]\n\tFlags: fast devsel\n\tMemory at f0000000 (32-bit, non-prefetchable) [size=16M]\n',
    );
    const tree = file('tree.txt', '-[0000:00]---01.0-[01]----00.0\nhello\n');
    const { out, notes } = await run('lspci', tree, 'lspci', list);
    expect(out).toContain('root-port rp0');
    expect(out).toContain('bar 0 16 MiB 32-bit');
    expect(notes.split('\n').filter((line) => line !== '')).toEqual([
      `${tree}:2: note: 1 lines that lspci does not print were left out`,
      `${list}: note: the numbers of the BARs of 1 functions are counted: \`-v\` does not print them, \`-vv\` does`,
    ]);
  });
  test('a folder of sysfs, with links that are not followed', async () => {
    const at = 'sys/devices/pci0000:00/0000:00:02.0';
    file(`${at}/class`, '0x010802\n');
    file(`${at}/vendor`, '0x144d\n');
    file(`${at}/device`, '0xa80a\n');
    mkdirSync(join(folder, 'sys/bus/pci/devices'), { recursive: true });
    symlinkSync('../../../devices/pci0000:00/0000:00:02.0', join(folder, 'sys/bus/pci/devices/0000:00:02.0'));
    symlinkSync('../..', join(folder, at, 'circle'));
    const { out } = await run('sysfs', join(folder, 'sys'));
    expect(out).toContain('nvme nvme0 : samsung-pm9a1-series');
  });
  test('qemu arguments', async () => {
    const path = file(
      'small.args',
      '-machine q35\n-device pcie-root-port,id=rp0,bus=pcie.0,chassis=1\n-device nvme,bus=rp0,serial=a\n',
    );
    expect((await run('qemu', path)).out).toContain('nvme nvme0 : qemu-nvme');
  });
});

describe('wrong use is said with the place', () => {
  const rows: readonly (readonly [string, () => readonly string[], RegExp])[] = [
    ['an odd number of words', () => ['lspci'], /pairs of a format and a file/],
    ['a format that there is not', () => ['dmidecode', fixture], /no format 'dmidecode'.*lspci, sysfs/],
    ['a name that objects have', () => ['constructor', fixture], /no format 'constructor'/],
    ['a file that there is not', () => ['lspci', join(folder, 'missing')], /there is no such file/],
    ['a folder for a file', () => ['lspci', folder], /is a folder/],
    [
      'a file of something else',
      () => ['lspci', file('x.txt', 'hello')],
      /x\.txt:1:1: error: This is nothing that lspci prints/,
    ],
    ['an archive of something else', () => ['sysfs', file('x.tar', 'hello'.repeat(300))], /no tar archive/],
    [
      'a broken gzip',
      () => ['sysfs', file('x.tar.gz', Uint8Array.from([0x1f, 0x8b, 8, 0, 1, 2]))],
      /cannot be unpacked/,
    ],
    [
      'an archive without PCI',
      () => ['sysfs', file('y.tar.gz', gzipSync(new Uint8Array(1024)))],
      /no files in this archive/,
    ],
  ];
  test.each(rows)('%s', async (_name, pairs, message) => {
    const attempt = run(...pairs());
    await expect(attempt).rejects.toThrow(Misuse);
    await expect(attempt).rejects.toThrow(message);
  });
});
