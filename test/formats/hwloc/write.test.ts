import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { hwlocLinkSpeed } from '../../../formats/hwloc/link-speed.ts';
import { readHwloc } from '../../../formats/hwloc/read.ts';
import { writeHwloc } from '../../../formats/hwloc/write.ts';
import { machineFunctions } from '../../../formats/machine-functions.ts';
import type { ObservedLinkState } from '../../../formats/observed.ts';
import type { Machine } from '../../../model/machine.ts';
import { randomMachine } from '../../model/space/random-machine.ts';
import { exampleFiles, machinesOf } from '../examples.ts';

function rate(state: ObservedLinkState | undefined): number {
  if (state === undefined) return 0;
  const { generation, lanes, bytesPerSecond = 0 } = state;
  return generation === undefined || lanes === undefined ? bytesPerSecond / 1e9 : hwlocLinkSpeed(generation, lanes);
}

/** Reads what was written, and compares every function, its place, its IDs and the rate of its link. */
function expectSame(machine: Machine): void {
  const { all, roots } = machineFunctions(machine);
  const back = readHwloc(writeHwloc(machine).text);
  const byAddress = new Map(back.functions.map((fn) => [fn.address, fn]));
  expect([...byAddress.keys()].sort()).toEqual(all.map((fn) => fn.address).sort());
  for (const fn of all) {
    const read = byAddress.get(fn.address);
    expect(read?.parent ?? null).toBe(fn.parent ?? null);
    expect([read?.vendorId ?? 0, read?.deviceId ?? 0]).toEqual(
      fn.vendorId === 0 && fn.deviceId === 0 ? [0, 0] : [fn.vendorId ?? 0, fn.deviceId ?? 0],
    );
    // x12 and x32 have rates that hwloc cannot tell from others, or none of its own.
    const lanes = fn.link?.current?.lanes ?? 1;
    if (lanes !== 12 && lanes !== 32) expect(rate(read?.link?.current)).toBeCloseTo(rate(fn.link?.current), 5);
  }
  const nodes = new Set(roots.map((root) => root.node));
  expect(back.nodes).toHaveLength(Math.max(1, nodes.size));
}

describe('writing hwloc XML', () => {
  it.each(exampleFiles)('%s is read back as it was', async (file) => {
    for (const machine of await machinesOf(file)) expectSame(machine);
  });
  it('any machine is read back as it was', () => {
    fc.assert(fc.property(randomMachine, expectSame), { numRuns: 60, seed: 17 });
  });
  it('keeps NVLink between devices that PCI finds, and says what it cannot keep', async () => {
    const [machine] = await machinesOf('dgx-a100.pcie');
    if (machine === undefined) throw new Error('no machine');
    const { text, assumptions } = writeHwloc(machine);
    expect(text).not.toContain('NVLinkBandwidth');
    expect(assumptions.filter(({ field }) => field === 'connection')).toHaveLength(machine.connections.length);
    const gpus = machine.components.filter((one) => one.kind === 'gpu');
    const [a, b] = gpus;
    const [connection] = machine.connections;
    if (a === undefined || b === undefined || connection === undefined) throw new Error('no GPUs');
    const joined = {
      ...machine,
      connections: [{ ...connection, technology: 'nvlink', from: a.id, to: b.id, bytesPerSecond: 300e9 }],
    };
    expect(readHwloc(writeHwloc(joined).text).connections).toEqual([
      expect.objectContaining({ technology: 'nvlink', bytesPerSecond: 300e9 }),
    ]);
  });
});

const hasLstopo = spawnSync('lstopo-no-graphics', ['--version']).status === 0;
describe.skipIf(!hasLstopo)('the real lstopo (skipped where hwloc is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hwloc-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const lstopo = (text: string, ...options: string[]) => {
    const file = join(folder, 'machine.xml');
    writeFileSync(file, text);
    return execFileSync('lstopo-no-graphics', ['--input', file, '--whole-io', ...options], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 2 ** 28,
    });
  };
  it.each(exampleFiles)('%s: counts of bridges, devices and nodes, and the rates of links', async (file) => {
    for (const machine of await machinesOf(file)) {
      const { text } = writeHwloc(machine);
      const { all, roots } = machineFunctions(machine);
      const bridges = all.filter((fn) => fn.buses !== undefined).length;
      const shown = lstopo(text, '--of', 'console', '-v');
      const count = (shape: RegExp) => shown.match(shape)?.length ?? 0;
      expect(count(/^ *HostBridge\b/gm)).toBe(roots.filter((root) => root.functions.length > 0).length);
      expect(count(/^ *PCIBridge\b/gm)).toBe(bridges);
      expect(count(/^ *PCI L#.*busid=/gm)).toBe(all.length - bridges);
      expect(count(/NUMANode L#/g)).toBe(new Set(roots.map((root) => root.node)).size);
      // What it writes again has the same rates at the same addresses.
      const again = lstopo(text, '--of', 'xml');
      const ratesOf = (xml: string) =>
        [...xml.matchAll(/pci_busid="([^"]+)".*?pci_link_speed="([^"]+)"/g)]
          .map((found) => `${found[1]} ${found[2]}`)
          .sort();
      expect(ratesOf(again)).toEqual(ratesOf(text));
      expect(readHwloc(again).functions).toHaveLength(all.length);
    }
  });
  it.each(exampleFiles)('%s: a picture with a box for every device', async (file) => {
    for (const machine of await machinesOf(file)) {
      const { all } = machineFunctions(machine);
      const devices = all.filter((fn) => fn.buses === undefined).length;
      const drawn = lstopo(writeHwloc(machine).text, '--of', 'svg', '--no-collapse');
      const boxes = new Set([...drawn.matchAll(/<rect id='(PCI_\d+)_rect' class='PCI'/g)].map((found) => found[1]));
      expect(boxes.size).toBe(devices);
    }
  });
  it('any machine: as many functions', () => {
    const property = fc.property(randomMachine, (machine) => {
      const again = readHwloc(lstopo(writeHwloc(machine).text, '--of', 'xml'));
      expect(again.functions).toHaveLength(machineFunctions(machine).all.length);
    });
    fc.assert(property, { numRuns: 20, seed: 5 });
  });
});
