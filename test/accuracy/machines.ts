import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Row } from './row.ts';

/** What a prediction rests on. */
export interface Known {
  /** SI units, as the row's unit. */
  readonly predicted: number;
  /** Host profile, part or closed form that was used. */
  readonly profile: string;
}

/** A row that the model cannot know, and why. */
export interface Unknown {
  readonly unknown: string;
}

export type Prediction = Known | Unknown;

const folder = resolve(import.meta.dirname, '../../language/parts');
const catalogue = readdirSync(folder)
  .filter((name) => name.endsWith('.pcie'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');
const parts = new Set([...catalogue.matchAll(/^part \w[\w-]* (\S+)/gm)].map((found) => found[1]));

/** The first of these that the catalogue has. */
export function partOf(...names: readonly string[]): string | null {
  return names.find((name) => parts.has(name)) ?? null;
}

/** A socket as the text writes it: behind the name, and the lines of its block. */
export interface Host {
  readonly name: string;
  readonly colon: string;
  readonly lines: readonly string[];
}

const generic = (name: string, ...lines: readonly string[]): Host => ({ name, colon: '', lines });
const intel = (bridge: string, name: string) => generic(name, 'vendor intel', 'family 6', `host-bridge 8086:${bridge}`);
const e5Bridges: Readonly<Record<string, string>> = { '': '3c00', v2: '0e00', v3: '2f00', v4: '6f00' };
const words: readonly (readonly [RegExp, Host])[] = [
  [/\bSNB\b/i, intel('3c00', 'Xeon E5')],
  [/\b(IVB|ivy ?bridge)\b/i, intel('0e00', 'Xeon E5 v2')],
  [/\b(HSW|haswell)\b/i, intel('2f00', 'Xeon E5 v3')],
  [/\b(BDW|broadwell)\b/i, intel('6f00', 'Xeon E5 v4')],
  [/\b(SKX|skylake|cascade ?lake)\b/i, intel('2030', 'Xeon Scalable')],
  [/\bTurin\b/i, { name: 'epyc-9575f', colon: ' : epyc-9575f', lines: [] }],
  [/\bGenoa\b/i, { name: 'epyc-9554', colon: ' : epyc-9554', lines: [] }],
  [/\bMilan\b/i, { name: 'epyc-7763', colon: ' : epyc-7763', lines: [] }],
  [/\bRome\b/i, { name: 'epyc-7742', colon: ' : epyc-7742', lines: [] }],
  [/\b(ICX|ice ?lake)\b/i, { name: 'xeon-platinum-8380', colon: ' : xeon-platinum-8380', lines: [] }],
  [/\b(EMR|emerald ?rapids)\b/i, { name: 'xeon-platinum-8592', colon: ' : xeon-platinum-8592', lines: [] }],
  [/\b(GNR|granite ?rapids)\b|\bXeon 6\b/i, { name: 'xeon-6972p', colon: ' : xeon-6972p', lines: [] }],
  [/\bGrace\b|\bGH200\b/i, { name: 'grace', colon: ' : grace', lines: [] }],
  [
    /\b(Threadripper|WRX90|WRX80|TRX50)\b/i,
    { name: 'threadripper-pro-7995wx', colon: ' : threadripper-pro-7995wx', lines: [] },
  ],
  [/\b(SPR|sapphire ?rapids)\b/i, { name: 'xeon-platinum-8480', colon: ' : xeon-platinum-8480', lines: [] }],
];

/** The CPU that a row names; else what a machine of its link generation usually had. */
export function hostOf(row: Row, conditions = row.conditions): Host {
  const text = `${conditions} ${row.source}`;
  const named = namedHost(text);
  if (named !== null) return named;
  const listed = listedHost(text);
  if (listed !== null) return listed;
  const threadripper = /\bThreadripper (?:PRO )?([1-9])\d{3}/i.exec(conditions)?.[1];
  if (threadripper !== undefined)
    return generic('Threadripper', 'vendor amd', `family ${Number(threadripper) < 5 ? '0x17' : '0x19'}`);
  for (const [pattern, host] of words) if (pattern.test(conditions)) return host;
  if (/\b(EPYC|AMD|Threadripper|Ryzen)\b/i.test(text)) return generic('EPYC', 'vendor amd', 'family 0x19');
  // Cards of 2018 and later in slots of Gen3: Xeon Scalable of the 1st and 2nd generation.
  const late = /\b(RTX|V100|A\d{2,3}|T4|ConnectX-?[56]|U[25]\d)\b/.test(`${row.scenario} ${conditions}`);
  if (late && row.gen === '3') return intel('2030', 'Xeon Scalable, assumed from card and link');
  // Servers with Gen3 slots and GPUs or FPGAs were Xeons of the E5 family for the most part.
  if (row.gen === '3' || row.gen === '2') return intel('2f00', 'Xeon E5, assumed from the link generation');
  return generic('unknown host');
}

/** A CPU of the catalogue by the last word of its name: `7995WX`, `13900K`. */
function listedHost(text: string): Host | null {
  for (const [, name = ''] of catalogue.matchAll(/^part socket (\S+)/gm)) {
    const model = name.split('-').at(-1) ?? '';
    if (!/^\d{4,}\w*$/.test(model) || !new RegExp(`\\b${model}\\b`, 'i').test(text)) continue;
    return { name, colon: ` : ${name}`, lines: [] };
  }
  return null;
}

function namedHost(text: string): Host | null {
  const e = /\bE([35])-?(\d{4}) ?(v\d)?/.exec(text);
  if (e !== null) {
    const [, line, number, version] = e;
    const part = partOf(`xeon-e${line}-${number}${version === undefined ? '' : `-${version}`}`);
    if (part !== null) return { name: part, colon: ` : ${part}`, lines: [] };
    if (line === '3') return intel('0c08', 'Xeon E3');
    return intel(e5Bridges[version ?? ''] ?? '6f00', `Xeon E5 ${version ?? ''}`);
  }
  const epyc = /\bEPYC (\d{4})(\w?)/.exec(text);
  if (epyc !== null) {
    const [, number = '', letter = ''] = epyc;
    const part = partOf(`epyc-${number}${letter.toLowerCase()}`, `epyc-${number}`);
    if (part !== null) return { name: part, colon: ` : ${part}`, lines: [] };
    // Of a generation one part stands for all: what differs are cores.
    const kin = { 2: 'epyc-7742', 3: 'epyc-7763', 4: 'epyc-9554', 5: 'epyc-9575f' }[number.at(-1) ?? ''];
    const like = kin === undefined ? null : partOf(kin);
    if (like !== null) return { name: `${like} for EPYC ${number}`, colon: ` : ${like}`, lines: [] };
    const family = number.endsWith('5') ? '0x1a' : /[34]$/.test(number) ? '0x19' : '0x17';
    return generic(`EPYC ${number}`, 'vendor amd', `family ${family}`);
  }
  const scalable = /\bXeon (?:Gold |Platinum |Silver )?([3-9])(\d)(\d\d)/.exec(text);
  if (scalable !== null) {
    const number = scalable.slice(1).join('');
    const part = partOf(`xeon-platinum-${number}`, `xeon-gold-${number}`, `xeon-gold-${number}y`);
    if (part !== null) return { name: part, colon: ` : ${part}`, lines: [] };
    if (scalable[2] === '4') return { name: 'xeon-platinum-8480', colon: ' : xeon-platinum-8480', lines: [] };
    if (scalable[2] === '5') return { name: 'xeon-platinum-8592', colon: ' : xeon-platinum-8592', lines: [] };
    return intel(scalable[2] === '3' ? '09a2' : '2030', 'Xeon Scalable');
  }
  return null;
}

const gpuNames: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bK40\w?\b/, ['k40c']],
  [/\bP100\b/, ['p100-pcie-16gb']],
  [/\bV100\b.*SXM/, ['v100-sxm2-16gb']],
  [/\bV100\b/, ['v100-pcie-16gb']],
  [/\bA100\b.*SXM/, ['a100-sxm-80gb']],
  [/\bA100\b/, ['a100-pcie-40gb']],
  [/\bH100\b.*(SXM|8-GPU|HGX|DGX)/, ['h100-sxm']],
  [/\bH100\b/, ['h100-pcie']],
  [/\bH200\b/, ['h200-sxm']],
  [/\bB200\b/, ['b200']],
  [/\bL40S\b/, ['l40s']],
  [/RTX PRO 6000|RTX ?6000 Pro/i, ['rtx-pro-6000']],
  [/\b(RTX )?3090\b/, ['rtx-3090']],
  [/\b(RTX )?4090\b/, ['rtx-4090']],
  [/\b(RTX )?5090\b/, ['rtx-5090']],
  [/\b1080 ?Ti\b/i, ['gtx-1080-ti']],
  [/\bMI210\b/, ['mi210']],
  [/\bMI300X\b/, ['mi300x']],
];

/** `link gen4 x16` from the columns of a row; what its columns leave open: x16, and the newest that it names. */
export function linkOf(row: Row, otherwise = 'gen4 x16'): string {
  const generation = /\d/.exec(row.gen)?.[0];
  const lanes = /\d+/.exec(row.lanes)?.[0];
  if (generation === undefined) return otherwise;
  return `gen${generation} x${lanes ?? 16}`;
}

/** A GPU as the text writes it, with the link of the row. */
export function gpuOf(row: Row, name: string, conditions = row.conditions): string {
  // What the scenario names comes before what its conditions compare it with.
  const found = [row.scenario, row.metric, `${row.scenario} ${conditions}`]
    .map((text) => gpuNames.find(([pattern]) => pattern.test(text)))
    .find((one) => one !== undefined);
  const part = found === undefined ? null : partOf(...found[1]);
  const amd = /\b(Radeon|Instinct|Vega|MI\d{2,3}\w?|AMD GPU|RX \d{3,4})\b/i.test(`${row.scenario} ${conditions}`);
  if (part === null) return `gpu ${name} {\n link ${linkOf(row)}\n${amd ? 'id 1002:0000\n' : ''}}`;
  return `gpu ${name} : ${part}`;
}

/** A machine of one or two sockets with devices below root ports of cpu0. */
export function machineText(host: Host, ports: readonly string[], more: MachineOptions = {}): string {
  const { sockets = 1, linux = ['iommu off'], work = [], otherPorts = [], hostLines = [] } = more;
  const socket = (index: number) =>
    [`socket cpu${index}${host.colon} {`, ...host.lines, ...hostLines, ...(index === 0 ? ports : otherPorts), '}'].join(
      '\n',
    );
  return [
    'machine m {',
    'linux {',
    ...linux,
    '}',
    ...Array.from({ length: sockets }, (_, index) => socket(index)),
    '}',
    ...work,
    '',
  ].join('\n');
}

export interface MachineOptions {
  readonly sockets?: 1 | 2;
  readonly linux?: readonly string[];
  readonly work?: readonly string[];
  readonly otherPorts?: readonly string[];
  readonly hostLines?: readonly string[];
}

/** A NIC as the text writes it: a part of the catalogue, or the rate that a row names. */
export function nicOf(row: Row, name: string): string | null {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const model = /(?:ConnectX-?|CX)(\d)/i.exec(text)?.[1];
  const part = partOf(model === undefined ? '' : `connectx-${model}`);
  const rate = /(\d+) ?(?:Gb\/s|Gbps|GbE|G\b)/.exec(text)?.[1];
  if (part === null && rate === undefined) return null;
  const line = rate === undefined ? [] : [`line-rate ${rate} Gb/s`, 'network-ports 1'];
  const link = row.gen === '' && part !== null ? [] : [`link ${linkOf(row)}`];
  return [`nic ${name}${part === null ? '' : ` : ${part}`} {`, ...link, ...line, '}'].join('\n');
}
