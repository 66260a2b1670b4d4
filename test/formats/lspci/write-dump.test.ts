import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { load } from '../../../cli/load.ts';
import { readLspci } from '../../../formats/lspci/read.ts';
import { writeLspciDump } from '../../../formats/lspci/write-dump.ts';
import { enumerate } from '../../../model/discovery/enumerate.ts';
import type { EnumeratedDevice } from '../../../model/discovery/enumeration.ts';
import { discoverTopology } from '../../../model/discovery/topology.ts';
import { effectiveAcs } from '../../../model/isolation/acs.ts';
import { gigatransfersPerSecond } from '../../../model/link/generation.ts';
import { acsBits, componentAt, type Machine } from '../../../model/machine.ts';
import { configurationSpaces } from '../../../model/space/spaces.ts';
import { machinePayload } from '../../../model/train.ts';
import { randomMachine } from '../../model/space/random-machine.ts';
import { hasLspci, type Listing, lineOf, listDump } from './real-lspci.ts';

const examples = resolve(import.meta.dirname, '../../../examples');
const files = [
  ...readdirSync(examples, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.pcie'))
    .map((file) => resolve(examples, file)),
  resolve(import.meta.dirname, 'everything.pcie'),
];

async function machinesOf(file: string): Promise<readonly Machine[]> {
  const { pcie, documents } = await load([file]);
  return documents.flatMap((document) => pcie.Elaborations.get(document).machines.map(({ machine }) => machine));
}

/** What ACSCap and ACSCtl call the bits. */
const acsNames = {
  SV: 'SrcValid',
  TB: 'TransBlk',
  RR: 'ReqRedir',
  CR: 'CmpltRedir',
  UF: 'UpstreamFwd',
  EC: 'EgressCtrl',
  DT: 'DirectTrans',
} as const;

const acsLine = (bits: readonly string[]): string =>
  acsBits.map((bit) => `${acsNames[bit]}${bits.includes(bit) ? '+' : '-'}`).join(' ');

/** Functions that stand on a component itself. */
function firstFunctions(machine: Machine): Map<string, EnumeratedDevice> {
  const first = new Set(
    discoverTopology(machine)
      .functions.filter((fn) => fn.part === 0)
      .map((fn) => `${fn.address} ${fn.name}`),
  );
  return new Map(
    enumerate(machine)
      .devices.filter((one) => first.has(`${one.bdf} ${one.name}`))
      .map((one) => [one.bdf, one]),
  );
}

const speed = (text: string | null) => /Speed ([\d.]+)GT\/s.*?, Width x(\d+)/.exec(text ?? '')?.slice(1, 3) ?? null;

describe.skipIf(!hasLspci)('dumps that the real lspci reads (skipped where lspci is not installed)', () => {
  for (const file of files) {
    describe(basename(file), async () => {
      for (const machine of await machinesOf(file)) {
        const dump = writeLspciDump(machine);
        const listing: Listing = listDump(dump, '-vvv');
        const functions = firstFunctions(machine);
        const blockOf = (bdf: string): string => listing.functions.get(bdf) ?? '';
        const { name } = machine;

        it(`${name}: every function is there, and lspci has nothing to complain of`, () => {
          const expected = configurationSpaces(machine).functions.map(({ address }) => address);
          expect([...listing.functions.keys()]).toEqual(expected);
          for (const { bdf } of enumerate(machine).devices) expect(expected).toContain(bdf);
          expect(listing.complaints).toBe('');
          expect(listing.text).not.toMatch(/chain broken|chain looped|unreadable|<error|!!!|broken-64-bit/);
          // lspci 3.9 prints the ID of Physical Layer 32.0 GT/s only.
          expect(listing.text.replaceAll('Extended Capability ID 0x2a', '')).not.toMatch(
            /Extended Capability ID|Capabilities:.*#/,
          );
        });

        it(`${name}: links`, () => {
          for (const { bdf, component } of functions.values()) {
            const { kind, settings } = componentAt(machine, component);
            const isPort = kind === 'root-port' || kind === 'port';
            const link = machine.links[(isPort ? machine.linkBelow : machine.linkAbove)[component] ?? -1];
            const status = speed(lineOf(blockOf(bdf), 'LnkSta:')?.replaceAll(/ \(\w+\)/g, '') ?? null);
            if (link === undefined || link.kind !== 'pcie') {
              expect(status, bdf).toBeNull();
              continue;
            }
            const { generation, lanes } = link.trained;
            const runs = [String(gigatransfersPerSecond(generation)), String(lanes)];
            expect(status, bdf).toEqual(link.device === null ? ['2.5', '0'] : runs);
            const capable = speed(lineOf(blockOf(bdf), 'LnkCap:'));
            if (settings.generation !== undefined) {
              expect(capable?.[0], bdf).toBe(String(gigatransfersPerSecond(settings.generation)));
            }
            if (settings.lanes !== undefined && settings.bifurcation === undefined) {
              expect(capable?.[1], bdf).toBe(String(settings.lanes));
            }
          }
        });

        it(`${name}: access control`, () => {
          for (const { bdf, component } of functions.values()) {
            const { capability, control } = effectiveAcs(machine, component);
            const block = blockOf(bdf);
            expect(lineOf(block, 'ACSCap:'), bdf).toBe(capability === null ? null : acsLine(capability));
            expect(lineOf(block, 'ACSCtl:'), bdf).toBe(capability === null ? null : acsLine(control));
          }
        });

        // A bridge to conventional PCI keeps the values of reset.
        it(`${name}: payload and read requests`, () => {
          const payload = machinePayload(machine);
          for (const { bdf, component } of functions.values()) {
            const control = /DevCtl:[\s\S]*?MaxPayload (\d+) bytes, MaxReadReq (\d+) bytes/.exec(blockOf(bdf));
            if (control === null) continue;
            expect(Number(control[1]), bdf).toBe(payload.maxPayloadBytes[component] ?? 128);
            expect(Number(control[2]), bdf).toBe(payload.maxReadRequestBytes[component] ?? 512);
          }
        });

        it(`${name}: regions`, () => {
          for (const { bdf, bars, physicalFunction } of enumerate(machine).devices) {
            const block = blockOf(bdf);
            if (physicalFunction !== null) {
              expect(block).not.toMatch(/Region \d/);
              continue;
            }
            for (const { index, kind, prefetchable, address } of bars) {
              const said = lineOf(block, index === 6 ? 'Expansion ROM at' : `Region ${index}:`) ?? '';
              const at = address === null || BigInt(address) === 0n ? null : BigInt(address).toString(16);
              if (index === 6) {
                if (at !== null) expect(said, bdf).toMatch(new RegExp(`^${at}\\b`));
              } else if (kind === 'io') {
                expect(said, bdf).toMatch(new RegExp(`^I/O ports at ${at === null ? '' : at.padStart(4, '0')}`));
              } else {
                const width = kind === 'memory64' ? '64-bit' : '32-bit';
                const type = `(${width}, ${prefetchable ? '' : 'non-'}prefetchable)`;
                // What got no address and has no type bit set reads as zero, like no BAR at all.
                if (at === null && kind === 'memory32' && !prefetchable) continue;
                expect(said, `${bdf} ${index}`).toContain(
                  `Memory at ${at?.padStart(8, '0') ?? '<unassigned>'} ${type}`,
                );
              }
            }
          }
        });

        it(`${name}: bus numbers and windows`, () => {
          const hex = (value: number) => value.toString(16).padStart(2, '0');
          for (const { bdf, bus, windows } of functions.values()) {
            const said = lineOf(blockOf(bdf), 'Bus:');
            if (windows === null) {
              expect(said, bdf).toBeNull();
              continue;
            }
            const { primary, secondary, subordinate } = bus ?? { primary: 0, secondary: 0, subordinate: 0 };
            const numbers = `primary=${hex(primary)}, secondary=${hex(secondary)}, subordinate=${hex(subordinate)}`;
            expect(said, bdf).toContain(numbers);
            for (const [label, range] of [
              ['I/O behind bridge:', windows.io],
              ['Memory behind bridge:', windows.memory],
              ['Prefetchable memory behind bridge:', windows.prefetchable],
            ] as const) {
              const line = lineOf(blockOf(bdf), label) ?? '';
              const found = /^([0-9a-f]+)-([0-9a-f]+)/
                .exec(line)
                ?.slice(1, 3)
                .map((one) => BigInt(`0x${one}`));
              if (range === null) expect(line, `${bdf} ${label}`).toContain('[disabled]');
              else expect(found, `${bdf} ${label}`).toEqual(range.map(BigInt));
            }
          }
        });

        it(`${name}: MSI-X, SR-IOV, Resizable BAR`, () => {
          for (const { bdf, component, bars, virtualBars } of functions.values()) {
            const { settings, sriov, bars: stated } = componentAt(machine, component);
            const block = blockOf(bdf);
            const vectors = /MSI-X: Enable- Count=(\d+)/.exec(block)?.[1];
            const hasRoom = bars.some(
              ({ kind, bytes }) => kind.startsWith('memory') && bytes >= 17 * (settings.msixVectors ?? 0) + 8,
            );
            if ((settings.msixVectors ?? 0) === 0) expect(vectors, bdf).toBeUndefined();
            else if (hasRoom) expect(Number(vectors), bdf).toBe(settings.msixVectors);
            const counts = /Total VFs: (\d+), Number of VFs: (\d+)/.exec(block)?.slice(1, 3).map(Number);
            expect(counts ?? null, bdf).toEqual(sriov === null ? null : [sriov.totalVfs, sriov.enabledVfs]);
            for (const { index, address } of virtualBars) {
              const region = block
                .slice(block.indexOf('IOVCap'))
                .match(new RegExp(`Region ${index}: Memory at ([0-9a-f]+)`));
              expect(BigInt(`0x${region?.[1] ?? 0}`), bdf).toBe(BigInt(address ?? 0));
            }
            for (const bar of bars) {
              const range = stated.find(({ index }) => index === bar.index)?.resizable ?? null;
              const line = lineOf(block, `BAR ${bar.index}: current size:`);
              if (range === null) expect(line, bdf).toBeNull();
              else expect(sizes(line ?? ''), bdf).toEqual(expectedSizes(bar.bytes, range));
            }
          }
        });
      }
    });
  }

  it('says what is not usual: hot-plug, tags, translation, further and virtual functions', async () => {
    const [machine] = await machinesOf(resolve(import.meta.dirname, 'everything.pcie'));
    if (machine === undefined) throw new Error('no machine');
    const { functions } = listDump(writeLspciDump(machine), '-vvv');
    const addressOf = (name: string) => enumerate(machine).devices.find((one) => one.name === name)?.bdf ?? '';
    const block = (name: string) => functions.get(addressOf(name)) ?? '';
    expect(functions.get('0000:00:00.0')).toContain('Host bridge');
    expect(block('cpu0.rp0')).toMatch(/HotPlug\+ Surprise\+/);
    expect(block('cpu0.rp0')).toContain('Downstream Port Containment');
    expect(block('cpu0.rp1')).toMatch(/ARIFwd\+[\s\S]*ARIFwd\+/);
    const gpu = block('cpu0.rp0.gpu0');
    expect(gpu).toMatch(/Subsystem: NVIDIA Corporation Device 1533|Subsystem: .*1533|Subsystem:/);
    expect(gpu).toMatch(/RlxdOrd- ExtTag\+/);
    expect(gpu).toMatch(/10BitTagComp\+ 10BitTagReq\+/);
    expect(gpu).toContain('ASPM L1 Enabled');
    expect(gpu).toMatch(/ATSCtl:\s+Enable\+/);
    expect(gpu).toContain('Process Address Space ID');
    expect(gpu).toContain('Latency Tolerance Reporting');
    expect(gpu).toContain('MaxPayload 512 bytes, PhantFunc 0');
    expect(block('cpu0.rp0.gpu0.audio')).toContain('Audio device');
    const nic = block('cpu0.rp1.nic0');
    expect(nic).toMatch(/IOVCtl:\s+Enable\+ Migration- Interrupt- MSE\+ ARIHierarchy\+/);
    expect(nic).toContain('VF offset: 2, stride: 1, Device ID: 101e');
    expect(nic).toContain('RCB 128 bytes');
    expect(block('cpu0.rp1.nic0.vf3')).toContain('FLReset+');
    expect(block('cpu0.rp3.old')).toContain('PCI-Express to PCI/PCI-X Bridge');
    expect(block('cpu0.rp3.old.card')).not.toContain('Express');
    expect(block('cpu0.ahci')).toContain('Root Complex Integrated Endpoint');
    expect(block('cpu0.smbus')).not.toContain('Express');
  });
});

describe('dumps read back', () => {
  for (const file of files) {
    it(`${basename(file)}: the project's own reader finds what was written`, async () => {
      for (const machine of await machinesOf(file)) {
        const read = new Map(readLspci(writeLspciDump(machine)).functions.map((one) => [one.address, one]));
        for (const { bdf, component, bus, vendor, device } of firstFunctions(machine).values()) {
          const found = read.get(bdf);
          expect(found?.buses, bdf).toEqual(bus ?? found?.buses);
          if (vendor !== null) expect(found?.vendorId, bdf).toBe(Number(vendor));
          if (device !== null) expect(found?.deviceId, bdf).toBe(Number(device));
          const { capability, control } = effectiveAcs(machine, component);
          const { kind } = componentAt(machine, component);
          if (kind === 'root-port' || kind === 'port') {
            expect(found?.acs, bdf).toEqual(capability === null ? null : { capability, control });
          }
        }
      }
    });
  }
});

describe.skipIf(!hasLspci)('machines of any shape (skipped where lspci is not installed)', () => {
  it('are read without a complaint', () => {
    fc.assert(
      fc.property(randomMachine, (machine) => {
        const { complaints, text, functions } = listDump(writeLspciDump(machine), '-vvv');
        expect(functions.size).toBe(configurationSpaces(machine).functions.length);
        expect(complaints).toBe('');
        // A text may give a bridge the class of something else.
        expect(text).not.toMatch(/chain broken|chain looped|unreadable|<error|!!! (?!Invalid class)|broken-64-bit/);
      }),
      { seed: 11, numRuns: 40 },
    );
  });
});

/** `64GB` and the like of a list of sizes, current one first. */
function sizes(line: string): number[] {
  const units = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 } as const;
  return [...line.matchAll(/(\d+)(KB|MB|GB|TB)/g)].map(
    ([, count, unit]) => Number(count) * (units[unit as keyof typeof units] ?? 1),
  );
}

function expectedSizes(now: number, range: { readonly minimumBytes: number; readonly maximumBytes: number }): number[] {
  const all = [now];
  const last = Math.max(range.maximumBytes, now);
  for (let bytes = Math.min(range.minimumBytes, now); bytes <= last; bytes *= 2) all.push(bytes);
  return all;
}
