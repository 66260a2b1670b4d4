// npm run test:mutated -- [--count 10000] [--first 1] [--format lspci]
// Broken inputs of every format: examples as each tool would show them, with bytes and lines dropped, doubled, moved, changed
// and cut off, by seed. Each is read and made a machine, or refused in plain words; anything else is wrong. The last line says
// how many were tried, how many were refused and how long the slowest took.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { detectFormat } from '../../formats/detect.ts';
import { writeHwloc } from '../../formats/hwloc/write.ts';
import { writeLspciDump } from '../../formats/lspci/write-dump.ts';
import { writeNccl } from '../../formats/nccl/write.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import { mergeObserved } from '../../formats/observed/merge.ts';
import { UnreadableInput } from '../../formats/observed.ts';
import { writeQemuArguments } from '../../formats/qemu/write.ts';
import { readCollected } from '../../formats/sysfs/collected.ts';
import { readTar } from '../../formats/sysfs/tar.ts';
import { bytesOfText, textOfBytes } from '../../formats/sysfs/text.ts';
import { textReaders } from '../../formats/text-readers.ts';
import { machinesOf } from './examples.ts';
import { seeded } from './seeded.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    first: { type: 'string', default: '1' },
    format: { type: 'string' },
  },
});

function mutate(text: string, random: (below: number) => number): string {
  let made = text;
  for (let round = random(5); round >= 0; round--) {
    const at = random(made.length + 1);
    const length = random(4) === 0 ? random(2000) : random(12);
    const piece = made.slice(at, at + length);
    switch (random(7)) {
      case 0:
        made = made.slice(0, at) + made.slice(at + length);
        break;
      case 1:
        made = made.slice(0, at) + piece + made.slice(at);
        break;
      case 2: {
        const to = random(made.length + 1);
        const rest = made.slice(0, at) + made.slice(at + length);
        made = rest.slice(0, to) + piece + rest.slice(to);
        break;
      }
      case 3:
        made = made.slice(0, at) + String.fromCharCode(random(random(3) === 0 ? 0x3000 : 256)) + made.slice(at + 1);
        break;
      case 4:
        made = made.slice(0, at) + piece.replace(/\d+/g, '99999999999999999999') + made.slice(at + length);
        break;
      case 5:
        made = made.slice(0, at) + piece.replace(/[\da-f]/g, () => random(16).toString(16)) + made.slice(at + length);
        break;
      default:
        made = random(8) === 0 ? made.slice(0, at) : made.replaceAll(piece.slice(0, 6) || '\0', '');
    }
  }
  return made;
}

/** A plain file of a ustar archive. */
function member(name: string, text: string): string {
  const fields = [name.padEnd(100, '\0'), '0000644\0', '0000000\0', '0000000\0'];
  const size = `${text.length.toString(8).padStart(11, '0')}\0`;
  const head = `${fields.join('')}${size}00000000000\0        0`.padEnd(257, '\0').concat('ustar\0').padEnd(512, '\0');
  const sum = [...head].reduce((all, character) => all + character.charCodeAt(0), 0);
  const summed = `${head.slice(0, 148)}${sum.toString(8).padStart(6, '0')}\0 ${head.slice(156)}`;
  return summed + text.padEnd(Math.ceil(text.length / 512) * 512, '\0');
}

function archive(): string {
  const bridge = 'sys/devices/pci0000:00/0000:00:01.0';
  const files = { vendor: '0x8086\n', device: '0x1901\n', class: '0x060400\n', secondary_bus_number: '1\n' };
  const gpu = { vendor: '0x10de\n', device: '0x20b5\n', class: '0x030200\n', max_link_speed: '16.0 GT/s PCIe\n' };
  const inside = (folder: string, all: Readonly<Record<string, string>>) =>
    Object.entries(all).map(([name, text]) => member(`${folder}/${name}`, text));
  return `${[...inside(bridge, files), ...inside(`${bridge}/0000:01:00.0`, gpu)].join('')}${'\0'.repeat(1024)}`;
}

const [server] = await machinesOf('dgx-a100.pcie');
const [small] = await machinesOf('single-board.pcie');
if (server === undefined || small === undefined) throw new Error('the examples have no machines');
const database = [
  'P: /devices/pci0000:00/0000:00:01.0',
  'E: SUBSYSTEM=pci',
  'E: PCI_CLASS=60400',
  'E: PCI_ID=8086:1901',
  '',
];
const matrix = [
  '\tGPU0\tGPU1\tNIC0\tCPU Affinity\tNUMA Affinity',
  'GPU0\t X \tNV4\tPIX\t0-3\t0',
  'GPU1\tNV4\t X \tSYS\t0-3\t0',
];
const sources: Readonly<Record<string, string>> = {
  lspci: readFileSync(resolve(import.meta.dirname, 'fixtures/switch-server.lspci.txt'), 'utf8'),
  'lspci -xxxx': writeLspciDump(small),
  hwloc: writeHwloc(server).text,
  nccl: writeNccl(server).text,
  qemu: writeQemuArguments(server).text,
  udevadm: [...database, ...database.map((line) => line.replace('01.0', '02.0'))].join('\n'),
  'nvidia-smi': [...matrix, 'NIC0\tPIX\tSYS\t X ', '', 'NIC Legend:', '', '  NIC0: mlx5_0'].join('\n'),
  sysfs: archive(),
};

/** Reads as the command line does; false where the input is refused. */
function isRead(format: string, text: string): boolean {
  try {
    if (format === 'sysfs') machineFrom(mergeObserved([readCollected(readTar(bytesOfText(text)))]), { name: 'm' });
    else {
      const known = detectFormat(new TextEncoder().encode(text));
      const [wanted = ''] = format.split(' ');
      const reader = textReaders[wanted as keyof typeof textReaders] ?? textReaders.lspci;
      machineFrom(mergeObserved([(known === 'sysfs' ? textReaders.lspci : reader)(text)]), { name: 'm' });
    }
    return true;
  } catch (error) {
    if (error instanceof UnreadableInput && /^.{10,300}$/s.test(error.message)) return false;
    throw error;
  }
}

let wrong = 0;
for (const [format, source] of Object.entries(sources)) {
  if (values.format !== undefined && !format.startsWith(values.format)) continue;
  if (!isRead(format, source)) throw new Error(`${format}: the sound input is refused`);
  let refused = 0;
  let slowest = 0;
  for (let seed = Number(values.first); seed < Number(values.first) + Number(values.count); seed++) {
    const random = seeded(seed);
    const mutated = mutate(source, random);
    const text = format === 'sysfs' ? textOfBytes(bytesOfText(mutated)) : mutated;
    const before = performance.now();
    try {
      if (!isRead(format, text)) refused++;
    } catch (error) {
      wrong++;
      console.log(
        `${format}, seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
    slowest = Math.max(slowest, performance.now() - before);
  }
  console.log(`${format}: ${values.count} tried, ${refused} refused, the slowest in ${slowest.toFixed(0)} ms`);
}
console.log(`${wrong} wrong`);
process.exitCode = wrong > 0 ? 1 : 0;
