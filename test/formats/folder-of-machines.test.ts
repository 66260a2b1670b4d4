import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { readTree } from '../../cli/unpack.ts';
import { detectFormat } from '../../formats/detect.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import { mergeObserved } from '../../formats/observed/merge.ts';
import type { PartIndex } from '../../formats/observed/parts.ts';
import { type ObservedMachine, UnreadableInput } from '../../formats/observed.ts';
import { readSysfs } from '../../formats/sysfs/read.ts';
import { textReaders } from '../../formats/text-readers.ts';
import { printMachine } from '../../language/print.ts';
import { addressesOf, catalogueParts, plain, readText } from './harness.ts';
import { independentReading } from './independent-reading.ts';

/**
 * Every machine of a folder that somebody names in `PCIE_MACHINES`: lspci text and dumps, XML of hwloc and NCCL, archives
 * of sysfs, in any depth. A file that none of the readers takes is listed, and has to be refused with a clear sentence.
 */
const folder = process.env.PCIE_MACHINES ?? '';

vi.setConfig({ testTimeout: 60_000 });

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function read(path: string): ObservedMachine {
  const bytes = readFileSync(path);
  const format = detectFormat(bytes);
  return format === 'sysfs' ? readSysfs(readTree(path)) : textReaders[format](bytes.toString('utf8'));
}

let parts: PartIndex = [];
beforeAll(async () => {
  parts = await catalogueParts();
});

describe.skipIf(folder === '')('machines of PCIE_MACHINES (skipped where it names no folder)', () => {
  test.each(folder === '' ? [] : filesBelow(folder).map((path) => relative(folder, path)))('%s', async (name) => {
    const path = join(folder, name);
    let observed: ObservedMachine;
    try {
      observed = mergeObserved([read(path)]);
    } catch (error) {
      expect(error).toBeInstanceOf(UnreadableInput);
      expect((error as Error).message).toMatch(/^[A-Z].{10,300}\.$/s);
      return;
    }
    const { machine, descriptions } = machineFrom(observed, { name: 'm', parts });
    const printed = printMachine(machine, { parts, descriptions });
    const again = await readText(printed);
    expect(again.errors).toEqual([]);
    expect(again.formatted).toBe(printed);
    expect(again.machine === undefined ? null : plain(again.machine)).toEqual(plain(machine));
    const own = independentReading(path);
    if (own === null) return;
    const kinds = (...wanted: readonly string[]) =>
      machine.components.filter((one) => wanted.includes(one.kind)).length;
    const physical = observed.functions.filter((one) => one.physicalFunction === undefined);
    expect(observed.functions).toHaveLength(own.functions);
    if (own.bridges !== undefined) expect(kinds('root-port', 'switch', 'port', 'bridge')).toBe(own.bridges);
    if (own.switches !== undefined) expect(kinds('switch')).toBe(own.switches);
    if (own.nodes !== undefined) expect(observed.nodes.map(({ id }) => id).sort((a, b) => a - b)).toEqual(own.nodes);
    if (own.widths !== undefined) {
      expect(physicalWidths(observed)).toEqual(own.widths);
    }
    if (own.hasAddresses) {
      // Ports that the source does not show have addresses of their own.
      expect(addressesOf(machine)).toEqual(expect.arrayContaining(physical.map((one) => one.address)));
    }
  });
});

function physicalWidths(observed: ObservedMachine): readonly string[] {
  return observed.functions
    .flatMap(({ address, link }) =>
      link?.current?.lanes === undefined ? [] : [`${address} gen${link.current.generation} x${link.current.lanes}`],
    )
    .sort();
}
