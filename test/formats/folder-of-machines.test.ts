import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { readTree } from '../../cli/unpack.ts';
import { detectFormat } from '../../formats/detect.ts';
import { writeDot } from '../../formats/dot/write.ts';
import { readHwloc } from '../../formats/hwloc/read.ts';
import { writeHwloc } from '../../formats/hwloc/write.ts';
import { writeJson } from '../../formats/json/write.ts';
import { readLspci } from '../../formats/lspci/read.ts';
import { writeLspciDump } from '../../formats/lspci/write-dump.ts';
import { machineFunctions } from '../../formats/machine-functions.ts';
import { writeMermaid } from '../../formats/mermaid/write.ts';
import { writeNccl } from '../../formats/nccl/write.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import { mergeObserved } from '../../formats/observed/merge.ts';
import type { PartIndex } from '../../formats/observed/parts.ts';
import { type ObservedMachine, UnreadableInput } from '../../formats/observed.ts';
import { writeSvg } from '../../formats/svg/write.ts';
import { readSysfs } from '../../formats/sysfs/read.ts';
import { textReaders } from '../../formats/text-readers.ts';
import { printMachine } from '../../language/print.ts';
import type { Machine } from '../../model/machine.ts';
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
    expectExports(machine);
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

/** What was imported can be handed on to every other tool. */
function expectExports(machine: Machine): void {
  const { all } = machineFunctions(machine);
  expect(readHwloc(writeHwloc(machine).text).functions).toHaveLength(all.length);
  const dump = writeLspciDump(machine);
  if (all.length > 0) expect(readLspci(dump).functions).toHaveLength(all.length);
  const devices = machine.components.filter(({ kind }) => kind === 'gpu' || kind === 'nic').length;
  const nccl = writeNccl(machine).text;
  expect(nccl.match(/<(?:gpu|net) /g)?.length ?? 0).toBeGreaterThanOrEqual(devices > 0 ? 1 : 0);
  for (const picture of [writeDot(machine), writeMermaid(machine), writeSvg(machine)]) {
    expect(picture.text).toContain(machine.components[0]?.label ?? '');
  }
  expect(JSON.parse(writeJson(machine).text).components).toHaveLength(machine.components.length);
}

function physicalWidths(observed: ObservedMachine): readonly string[] {
  return observed.functions
    .flatMap(({ address, link }) =>
      link?.current?.lanes === undefined ? [] : [`${address} gen${link.current.generation} x${link.current.lanes}`],
    )
    .sort();
}
