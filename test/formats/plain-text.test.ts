import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectFormat } from '../../formats/detect.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import { UnreadableInput } from '../../formats/observed.ts';
import { plainText, utf16Of } from '../../formats/plain-text.ts';
import { readTar } from '../../formats/sysfs/tar.ts';
import { textReaders } from '../../formats/text-readers.ts';

const listing = readFileSync(resolve(import.meta.dirname, 'fixtures/switch-server.lspci.txt'), 'utf8');
const lines = listing.split('\n');
const each = (change: (line: string) => string) => lines.map(change).join('\n');
const matrix = '\tGPU0\tGPU1\tCPU Affinity\nGPU0\t X \tNV4\t0-3\nGPU1\tNV4\t X \t0-3\n';
const xml = '<system version="1"><cpu numaid="0"></cpu></system>';

const wrapped: Readonly<Record<string, (text: string) => string>> = {
  'line ends of Windows': (text) => text.replaceAll('\n', '\r\n'),
  'a byte-order mark': (text) => `\ufeff${text}`,
  'colours of a terminal': (text) => text.replace(/^\S+/gm, '\x1b[1;32m$&\x1b[0m'),
  syslog: (text) => text.replace(/^/gm, 'Nov  1 10:00:01 host7 lspci[123]: '),
  journald: (text) => text.replace(/^/gm, '2026-11-21T10:00:01.123456+00:00 host7 diag: '),
  'the clock of the kernel': (text) => text.replace(/^/gm, '[   12.345678] '),
  'a name before each line, as pdsh has it': (text) => text.replace(/^/gm, 'node-17: '),
};

describe('what stands around the text of a tool', () => {
  test.each(Object.keys(wrapped))('%s', (name) => {
    const dressed = wrapped[name]?.(listing) ?? '';
    expect(detectFormat(new TextEncoder().encode(dressed))).toBe('lspci');
    expect(textReaders.lspci(dressed).functions).toEqual(textReaders.lspci(listing).functions);
  });

  test('a matrix as a terminal showed it', () => {
    const shown = `\ufeff\x1b[4m${matrix.replace('\n', '\x1b[0m\r\n')}`;
    expect(detectFormat(new TextEncoder().encode(shown))).toBe('nvidia-smi');
    expect(textReaders['nvidia-smi'](shown).distances).toHaveLength(1);
  });

  test('nothing is taken off what has nothing around it', () => {
    const registers = each((line) => line.replace(/^.*$/, 'c0: 86 80 30 3e'));
    const database = Array.from({ length: 20 }, (_, at) => `E: DEVPATH=/devices/${at}`).join('\n');
    for (const text of [listing, matrix, xml, registers, database]) expect(plainText(text)).toBe(text);
  });

  test('lines of several machines are no machine', () => {
    const two = `${each((line) => `node1: ${line}`)}\n${each((line) => `node2: ${line}`)}`;
    expect(() => textReaders.lspci(two)).toThrow(/lines of 2 machines \(node1, node2\)/);
    const other = listing.replace(/\[([0-9a-f]{4}):([0-9a-f]{4})\]/g, '[$1:abcd]');
    const { notes } = textReaders.lspci(`${listing}\n${other}`);
    expect(notes.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^listed twice, as two devices/));
    expect(textReaders.lspci(`${listing}\n${listing}`).notes).toEqual(textReaders.lspci(listing).notes);
  });

  test('two machines of one kind in one file are told by what their links do', () => {
    const port = (lanes: number) => `00:01.0 PCI bridge [0604]: Intel Corporation Root Port [8086:6f02] (rev 01)
	Bus: primary=00, secondary=01, subordinate=01, sec-latency=0
	Capabilities: [90] Express (v2) Root Port (Slot+), MSI 00
		LnkCap:	Port #0, Speed 8GT/s, Width x16, ASPM L1
		LnkSta:	Speed 8GT/s, Width x${lanes}
`;
    const noted = (text: string) => textReaders.lspci(text).notes.map(({ message }) => message);
    expect(noted(`${port(8)}\n${port(16)}`)).toEqual([
      'listed twice, with another link, other buses or other BARs: the file may hold several machines of one kind; what stands last counts',
    ]);
    const short = port(16).split('\n')[0];
    expect(noted(`${short}\n\n${port(16)}`)).toEqual([]);
  });
});

describe('UTF-16', () => {
  const bytesOf = (text: string, isBig: boolean, mark: string) => {
    const bytes = new Uint8Array(Buffer.from(mark + text, 'utf16le'));
    return isBig ? bytes.map((_, at) => bytes[at ^ 1] ?? 0) : bytes;
  };
  test.each([
    [false, '\ufeff'],
    [true, '\ufeff'],
    [false, ''],
    [true, ''],
  ])('big-endian %s, mark %j', (isBig, mark) => {
    for (const text of [listing, xml]) {
      const bytes = bytesOf(text, isBig, mark);
      expect(utf16Of(bytes)).toBe(text);
      expect(detectFormat(bytes)).toBe(text === xml ? 'nccl' : 'lspci');
    }
  });
  test('other bytes are none', () => {
    for (const text of [listing, xml, '', '\0\0\0\0\0\0\0\0\0\0']) {
      expect(utf16Of(new TextEncoder().encode(text))).toBeNull();
    }
  });
});

describe('more than a machine has', () => {
  const list = (count: number, addressOf: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => `${addressOf(at)} Non-VGA: NVIDIA [10de:1e04]`).join('\n');
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  test.each([
    [
      'functions',
      list(65_537, (at) => `${hex(at >> 16, 4)}:${hex((at >> 8) & 255, 2)}:${hex((at >> 3) & 31, 2)}.${at & 7}`),
    ],
    ['root buses', list(513, (at) => `${hex(at >> 8, 4)}:${hex(at & 255, 2)}:01.0`)],
  ])('%s', (what, text) => {
    const make = () => machineFrom(textReaders.lspci(text), { name: 'm' });
    expect(make).toThrow(UnreadableInput);
    expect(make).toThrow(new RegExp(`${what}; a machine has at most`));
  });
});

describe('members of an archive that lead out of it', () => {
  /** One plain file of a ustar archive. */
  const member = (name: string, text: string) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 'latin1');
    header.write('0000644\0', 100);
    header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\0', 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return Buffer.concat([header, Buffer.from(text.padEnd(512, '\0'))]);
  };
  test('are left out; slashes of Windows are slashes', () => {
    const files = readTar(
      Buffer.concat([
        member('../../etc/a', 'x'),
        member('/abs/b', 'y'),
        member('sys\\bus\\c', 'z'),
        Buffer.alloc(1024),
      ]),
    );
    expect([...files.keys()]).toEqual(['abs/b', 'sys/bus/c']);
  });
});
