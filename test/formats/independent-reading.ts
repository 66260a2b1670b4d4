import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** What a file says of its machine, read by regular expressions of its own beside the readers under test. */
export interface IndependentReading {
  readonly functions: number;
  readonly hasAddresses: boolean;
  readonly bridges?: number;
  readonly switches?: number;
  /** Numbers of NUMA nodes, ascending. */
  readonly nodes?: readonly number[];
  /** `0000:01:00.0 gen4 x16` of every function that says both, sorted. */
  readonly widths?: readonly string[];
}

/** Null for a file of which nothing is read independently. */
export function independentReading(path: string): IndependentReading | null {
  if (/\.tar(?:\.\w+)?$/.test(path)) return readArchive(path);
  const text = readFileSync(path, 'utf8');
  if (/<system\b/.test(text)) return readNcclText(text);
  if (/<topology\b|<root>/.test(text)) return readHwlocText(text);
  if (/^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] .*$/m.test(text)) return readLspciText(text);
  return null;
}

const count = (text: string, shape: RegExp) => text.match(shape)?.length ?? 0;
const ascending = (numbers: Iterable<number>) => [...new Set(numbers)].sort((a, b) => a - b);

function readNcclText(text: string): IndependentReading {
  const listed = new Set([...text.matchAll(/<pci\b[^>]*\bbusid="([^"]+)"/g)].map((found) => found[1]?.toLowerCase()));
  // Ends of NVLinks that are switches of their own stand nowhere else.
  for (const [, tag = ''] of text.matchAll(/<nvlink\b([^>]*)>/g)) {
    const target = /\btarget="([^"]+)"/.exec(tag)?.[1]?.toLowerCase();
    if (/\btclass="0x068000"/.test(tag) && target !== undefined && !target.startsWith('fffffff')) listed.add(target);
  }
  return {
    functions: listed.size,
    hasAddresses: false,
    switches: new Set([...text.matchAll(/<pci\b[^>]*\bbusid="([^"]+)"[^>]*\bclass="0x0604/g)].map((found) => found[1]))
      .size,
    nodes: ascending([...text.matchAll(/<cpu\b[^>]*\bnumaid="(\d+)"/g)].map((found) => Number(found[1]))),
  };
}

function readHwlocText(text: string): IndependentReading {
  const nodes = ascending(
    [...text.matchAll(/<object type="(?:NUMANode|Node)" os_index="(\d+)"/g)].map((found) => Number(found[1])),
  );
  return {
    functions: new Set([...text.matchAll(/\bpci_busid="([^"]+)"/g)].map((found) => found[1])).size,
    hasAddresses: true,
    bridges: count(text, /\bbridge_type="1-1"/g),
    // Version 1 has no object for the only node of a machine.
    nodes: nodes.length > 0 ? nodes : [0],
  };
}

function readLspciText(text: string): IndependentReading {
  const blocks = text
    .split(/\r?\n(?=(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] )/)
    .filter((block) => /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] /.test(block.trim()));
  const addresses = new Set(blocks.map((block) => block.trim().split(' ')[0] ?? ''));
  return { functions: addresses.size, hasAddresses: true };
}

/** By the program tar: names of files, and what those say that the names do not. */
function readArchive(path: string): IndependentReading | null {
  const list = execFileSync('tar', ['-tf', path], { encoding: 'utf8', maxBuffer: 2 ** 28 }).split('\n');
  const folders = new Set(
    list.flatMap(
      (name) => /^(.*\/devices\/(?:.*\/)?[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\/class$/.exec(name)?.[1] ?? [],
    ),
  );
  const texts = contentsOf(path);
  const widths = [...folders].flatMap((folder) => {
    const lanes = texts.get(`${folder}/current_link_width`)?.trim();
    const speed = texts.get(`${folder}/current_link_speed`)?.trim();
    const rates = ['2.5', '5', '8', '16', '32', '64'];
    const generation = rates.indexOf((/^[\d.]+(?= GT)/.exec(speed ?? '')?.[0] ?? '').replace(/\.0$/, '')) + 1;
    return lanes === undefined || lanes === '0' || generation === 0
      ? []
      : [`${basename(folder)} gen${generation} x${lanes}`];
  });
  const functions = new Set([...folders].map((folder) => basename(folder))).size;
  return {
    functions,
    // One address in two places is nowhere.
    hasAddresses: functions === folders.size,
    nodes: ascending(list.flatMap((name) => /\/system\/node\/node(\d+)\//.exec(name)?.[1] ?? []).map(Number)),
    widths: [...new Set(widths)].sort(),
  };
}

/** The texts of some files of an archive: each follows its name. */
function contentsOf(path: string): ReadonlyMap<string, string> {
  const marker = '\u0001';
  // Its status is that of patterns that fit nothing as well.
  const { stdout } = spawnSync(
    'tar',
    ['-xf', path, '--wildcards', '--to-command', `printf '${marker}%s\\n' "$TAR_FILENAME"; cat`, '*current_link_*'],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  return new Map(
    stdout.split(marker).flatMap((piece) => {
      const at = piece.indexOf('\n');
      return at < 0 ? [] : [[piece.slice(0, at), piece.slice(at + 1)] as const];
    }),
  );
}
