import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { readLspci } from '../../formats/lspci/read.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import { mergeObserved } from '../../formats/observed/merge.ts';
import type { PartIndex } from '../../formats/observed/parts.ts';
import { type ObservedMachine, UnreadableInput } from '../../formats/observed.ts';
import { readSysfs } from '../../formats/sysfs/read.ts';
import { readTar } from '../../formats/sysfs/tar.ts';
import { bytesOfText } from '../../formats/sysfs/text.ts';
import { printMachine } from '../../language/print.ts';
import { catalogueParts, plain, readText } from './harness.ts';
import { seeded } from './seeded.ts';

// Thousands of machines take their time where others work beside.
vi.setConfig({ testTimeout: 180_000 });

/** A text with some of its lines dropped, doubled, moved or cut, and some of its characters changed. */
function mutate(text: string, random: (below: number) => number): string {
  const lines = text.split('\n');
  for (let round = random(6); round >= 0; round--) {
    const at = random(lines.length);
    const line = lines[at] ?? '';
    switch (random(8)) {
      case 0:
        lines.splice(at, 1 + random(8));
        break;
      case 1:
        lines.splice(random(lines.length + 1), 0, line);
        break;
      case 2:
        lines[at] = line.slice(0, random(line.length + 1));
        break;
      case 3:
        lines.splice(random(lines.length + 1), 0, ...lines.splice(at, 1 + random(20)));
        break;
      case 4:
        lines[at] = line.replace(/[0-9a-f]{2}/g, (digits) =>
          random(4) === 0 ? random(256).toString(16).padStart(2, '0') : digits,
        );
        break;
      case 5:
        lines[at] = line.replace(/\d+/g, (digits) => (random(2) === 0 ? '99999999999999999999' : digits));
        break;
      case 6:
        lines[at] =
          line.slice(0, random(line.length + 1)) +
          String.fromCharCode(random(0x3000)) +
          line.slice(random(line.length + 1));
        break;
      default:
        // Bus numbers are what makes circles.
        for (let n = 0; n < lines.length; n++) {
          lines[n] = (lines[n] ?? '').replace(/(primary|secondary|subordinate)=[0-9a-f]{2}/g, (whole, word) =>
            random(3) === 0 ? `${word}=${random(256).toString(16).padStart(2, '0')}` : whole,
          );
        }
    }
  }
  return lines.join('\n');
}

const words = readFileSync(resolve(import.meta.dirname, 'fixtures/switch-server.lspci.txt'), 'utf8');
const tree = [
  '-+-[0000:80]-+-00.0-[81]----00.0  Samsung Electronics Co Ltd NVMe SSD Controller PM9A1',
  ' |           \\-01.0-[82]--',
  ' \\-[0000:00]-+-00.0  Intel Corporation Device 0998',
  '             +-01.0-[01-05]----00.0-[02-05]--+-00.0-[03]----00.0  NVIDIA Corporation GA100 [A100 PCIe 80GB]',
  '             |                               +-01.0-[04]--+-00.0  Mellanox Technologies MT28908 [ConnectX-6]',
  '             |                               |            \\-00.1  Mellanox Technologies MT28908 [ConnectX-6]',
  '             |                               \\-02.0-[05]--',
  '             \\-1f.0  Intel Corporation LPC Controller',
].join('\n');

/** Registers of a bridge and of an endpoint, with lists of capabilities that mutation makes circular. */
function dumps(): string {
  const random = seeded(3);
  const block = (head: string, header: readonly number[]) => {
    const bytes = Array.from(
      { length: 4096 },
      (_, at) => header[at] ?? (at < 256 || random(40) === 0 ? random(256) : 0),
    );
    const rows = Array.from({ length: 256 }, (_, row) => {
      const digits = bytes.slice(row * 16, row * 16 + 16).map((byte) => byte.toString(16).padStart(2, '0'));
      return `${(row * 16).toString(16).padStart(2, '0')}: ${digits.join(' ')}`;
    });
    return `${head}\n${rows.join('\n')}`;
  };
  const type1 = [0x86, 0x80, 0x10, 0x9d, 7, 5, 0x10, 0, 1, 0, 4, 6, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0];
  const type0 = [0xde, 0x10, 0xb5, 0x20, 6, 4, 0x10, 0, 0xa1, 0, 2, 3, 0, 0, 0, 0];
  return [block('00:01.0 PCI bridge: A', type1), block('01:00.0 3D controller: B', type0)].join('\n\n');
}

let parts: PartIndex = [];
beforeAll(async () => {
  parts = await catalogueParts();
});

/** Reads, merges and prints; a clear refusal is fine, everything else that is thrown is a defect. */
function attempt(read: () => ObservedMachine): { readonly text: string; readonly machine: unknown } | null {
  let observed: ObservedMachine;
  try {
    observed = read();
  } catch (error) {
    if (error instanceof UnreadableInput) return null;
    throw error;
  }
  const { machine, descriptions } = machineFrom(mergeObserved([observed, observed]), { name: 'm', parts });
  return { text: printMachine(machine, { parts, descriptions }), machine: plain(machine) };
}

describe('2000 damaged inputs', () => {
  const sources: readonly (readonly [string, string, number])[] = [
    ['words', words, 800],
    ['a tree', tree, 500],
    ['registers', dumps(), 200],
  ];
  test.each(sources)('%s: read, refused clearly, never a crash', (_name, source, runs) => {
    const random = seeded(runs);
    let read = 0;
    for (let run = 0; run < runs; run++) {
      const text = mutate(source, random);
      if (attempt(() => readLspci(text)) !== null) read++;
    }
    expect(read).toBeGreaterThan(runs / 2);
  });
  test('files of sysfs, and archives', () => {
    const random = seeded(5);
    const files: readonly (readonly [string, string])[] = [
      ['sys/devices/pci0000:00/0000:00:01.0/class', '0x060400'],
      ['sys/devices/pci0000:00/0000:00:01.0/secondary_bus_number', '1'],
      ['sys/devices/pci0000:00/0000:00:01.0/subordinate_bus_number', '1'],
      ['sys/devices/pci0000:00/0000:00:01.0/config', 'x'.repeat(256)],
      ['sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/class', '0x010802'],
      ['sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/current_link_speed', '8.0 GT/s PCIe'],
      ['sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/current_link_width', '4'],
      ['sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/numa_node', '0'],
      ['sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/sriov_totalvfs', '8'],
      [
        'sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/resource',
        '0x00000000f0000000 0x00000000f0003fff 0x0000000000140204\n'.repeat(13),
      ],
      ['sys/devices/system/node/node0/cpulist', '0-7'],
      ['sys/devices/system/cpu/cpu0/topology/core_id', '0'],
      ['proc/cpuinfo', 'vendor_id\t: GenuineIntel\ncpu family\t: 6\n'],
    ];
    for (let run = 0; run < 400; run++) {
      const damaged = files.map(([path, text]) => [mutate(path, random), bytesOfText(mutate(text, random))] as const);
      attempt(() => readSysfs(new Map(damaged)));
    }
    for (let run = 0; run < 100; run++) {
      const bytes = Uint8Array.from({ length: 512 * (1 + random(6)) }, () => (random(3) === 0 ? random(256) : 0));
      attempt(() => readSysfs(readTar(bytes)));
    }
  });
  test('what was printed of damaged input is read again as the same machine', async () => {
    const random = seeded(7);
    for (let run = 0; run < 150; run++) {
      const text = mutate(run % 3 === 0 ? tree : words, random);
      const made = attempt(() => readLspci(text));
      if (made === null) continue;
      const again = await readText(made.text);
      expect(again.machine === undefined ? null : plain(again.machine)).toEqual(made.machine);
      expect(again.formatted).toBe(made.text);
    }
  });
});
