// Writes docs/parts.md from the catalogue: every part by kind, with its figures, its ID and its sources.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EmptyFileSystem, type LangiumDocument } from 'langium';
import type { Environment } from '../language/elaborate/environment.ts';
import { PartReader, type ReadPart } from '../language/elaborate/parts.ts';
import type { Part, Property } from '../language/generated/ast.ts';
import { createPcieServices } from '../language/module.ts';
import { writeBytes, writeIds, writeRate, writeSeconds } from '../language/print/quantities.ts';
import { loadCatalogue } from '../language/services/catalogue.ts';

/** A column: what it is called and what a part says there, empty where it says nothing. */
type Column = readonly [title: string, cell: (part: ReadPart) => string];

const said = <T>(value: T | undefined | null, write: (value: T) => string = String): string =>
  value === undefined || value === null ? '' : write(value);
const link: Column = [
  'Link',
  ({ draft: { settings } }) =>
    settings.generation === undefined ? '' : `gen${settings.generation} x${settings.lanes}`,
];
const id: Column = [
  'ID',
  ({ draft: { settings } }) =>
    settings.vendorId === undefined || settings.deviceId === undefined
      ? ''
      : writeIds(settings.vendorId, settings.deviceId),
];
const lanes: Column = ['Lanes', ({ draft }) => said(draft.settings.totalLanes)];
const drive: readonly Column[] = [
  ['Capacity', ({ draft }) => said(draft.settings.capacityBytes, writeBytes)],
  ['Reads', ({ draft }) => said(draft.settings.readBytesPerSecond, writeRate)],
  ['Writes', ({ draft }) => said(draft.settings.writeBytesPerSecond, writeRate)],
];

/** Sections of the page in the order in which people look for parts. */
const sections: readonly (readonly [kind: string, title: string, columns: readonly Column[]])[] = [
  [
    'socket',
    'CPUs',
    [
      ['Cores', ({ draft }) => said(draft.settings.cores)],
      lanes,
      ['Channels', ({ draft }) => said(draft.settings.memoryChannels)],
      ['Memory bandwidth', ({ draft }) => said(draft.settings.memoryBytesPerSecond, writeRate)],
    ],
  ],
  [
    'gpu',
    'GPUs and accelerators',
    [
      link,
      ['Memory', ({ draft }) => said(draft.settings.vramBytes, writeBytes)],
      ['Bandwidth', ({ draft }) => said(draft.settings.vramBytesPerSecond, writeRate)],
      id,
    ],
  ],
  [
    'nic',
    'NICs',
    [
      link,
      ['Ports', ({ draft }) => said(draft.settings.networkPorts)],
      ['Each', ({ draft }) => said(draft.settings.lineRateBytesPerSecond, (rate) => `${(rate * 8) / 1e9} Gb/s`)],
      id,
    ],
  ],
  ['nvme', 'NVMe drives', [link, ...drive, id]],
  ['sata', 'SATA drives and controllers', [...drive, id]],
  [
    'switch',
    'Switches',
    [
      link,
      lanes,
      ['Ports', ({ draft }) => said(draft.settings.portCount)],
      ['Latency', ({ draft }) => said(draft.settings.latencySeconds, writeSeconds)],
      id,
    ],
  ],
  ['chipset', 'Chipsets', [link, lanes]],
  ['fpga', 'FPGAs', [link, id]],
  ['nvswitch', 'NVSwitches', [id]],
  ['device', 'Controllers and other devices', [link, id]],
  ['bridge', 'Bridges to PCI', [id]],
  ['root-port', 'Root ports', [id]],
  ['port', 'Ports of switches', [id]],
  [
    'interconnect',
    'Connections beside PCIe',
    [
      ['Technology', ({ connection }) => said(connection.technology)],
      ['Links', ({ connection }) => said(connection.links)],
      ['Bandwidth, one way', ({ connection }) => said(connection.bytesPerSecond, writeRate)],
    ],
  ],
];

const { shared, pcie } = createPcieServices(EmptyFileSystem);
const documents: LangiumDocument[] = loadCatalogue(shared);
const [first] = documents;
if (first === undefined) throw new Error('The catalogue is empty.');
const environment: Environment = pcie.Elaborations.environment(first);
const reader = new PartReader(environment);
const byKind = new Map<string, Part[]>();
for (const part of environment.parts.values()) {
  const kind = reader.read(part).kind ?? '';
  byKind.set(kind, [...(byKind.get(kind) ?? []), part]);
}
const unlisted = [...byKind.keys()].filter((kind) => !sections.some(([listed]) => listed === kind));
if (unlisted.length > 0) throw new Error(`No section for parts of kind ${unlisted.join(', ')}.`);

/** The text above a part that says what it is. */
function descriptionOf(part: Part): string {
  const cst = part.$cstNode;
  if (cst === undefined) return '';
  const above = cst.root.fullText.slice(0, cst.offset).trimEnd().split('\n');
  const lines: string[] = [];
  for (let line = above.pop(); line?.startsWith('///'); line = above.pop()) lines.unshift(line.slice(3).trim());
  return lines.join(' ').replace(/\.$/, '');
}

/** Addresses of the sources of a part and of what it inherits from. */
function sourcesOf(part: Part): string[] {
  const urls: string[] = [];
  for (const name of reader.read(part).chain) {
    const members = environment.parts.get(name)?.members ?? [];
    for (const source of members.filter((one): one is Property => one.$type === 'Property' && one.key === 'source')) {
      const url = source.values[0]?.low;
      if (url?.$type === 'Text') urls.push(url.text);
    }
  }
  return [...new Set(urls)];
}

const count = [...byKind.values()].reduce((sum, parts) => sum + parts.length, 0);
const lines = [
  '# Parts',
  '',
  `The catalogue: ${count} parts that ship with the language. Printed from \`language/parts/\`: do not edit. A figure that is not`,
  'here has no public source that states it, and is unknown. [language.md](language.md#parts) says how a part is used, inherited',
  'from and overridden.',
  '',
  'A part called `-series` says what holds for all of its models. Models of a series share the ID of a chip: an imported machine',
  'names the series, where neither subsystem nor memory nor link tells which model it is.',
];
for (const [kind, title, columns] of sections) {
  const parts = byKind.get(kind) ?? [];
  if (parts.length === 0) continue;
  const numbers = new Map<string, number>();
  const numberOf = (url: string) => {
    const known = numbers.get(url) ?? numbers.size + 1;
    numbers.set(url, known);
    return `[${known}][${kind}-${known}]`;
  };
  const heads = ['Part', 'What', ...columns.map(([head]) => head), 'Sources'];
  lines.push('', `## ${title}`, '', `| ${heads.join(' | ')} |`, `|${heads.map(() => '---').join('|')}|`);
  for (const part of parts) {
    const read = reader.read(part);
    const cells = [
      `\`${part.name}\``,
      descriptionOf(part),
      ...columns.map(([, cell]) => cell(read)),
      sourcesOf(part).map(numberOf).join(' '),
    ];
    lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  }
  lines.push('', ...[...numbers].map(([url, number]) => `[${kind}-${number}]: ${url}`));
}
writeFileSync(resolve(import.meta.dirname, '../docs/parts.md'), `${lines.join('\n')}\n`);
console.log(`docs/parts.md: ${count} parts`);
