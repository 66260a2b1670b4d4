import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enumerate } from '../../../model/discovery/enumerate.ts';
import type { Component, Machine } from '../../../model/machine.ts';
import { configRead, configWrite } from '../../../model/space/access.ts';
import type { FunctionSpace } from '../../../model/space/function-space.ts';
import type { AccessWidth } from '../../../model/space/registers.ts';
import { configurationSpaces } from '../../../model/space/spaces.ts';
import { sketchMachine } from '../draft.ts';

const seed = 20240711;
const mebibyte = 2 ** 20;

/** A root port with a GPU that has BARs of each kind, a drive behind a switch, a card on a conventional bus. */
function sampleMachine(): Machine {
  const machine = sketchMachine([
    {
      kind: 'socket',
      label: 'cpu0',
      children: [
        {
          kind: 'root-port',
          label: 'rp0',
          settings: { generation: 5, lanes: 16, hotplug: true },
          children: [
            { kind: 'gpu', label: 'gpu0', settings: { generation: 5, lanes: 16, vendorId: 0x10de, deviceId: 1 } },
          ],
        },
        {
          kind: 'root-port',
          label: 'rp1',
          settings: { generation: 4, lanes: 8 },
          children: [
            {
              kind: 'switch',
              label: 'sw0',
              children: [{ kind: 'port', label: 'p0', children: [{ kind: 'nvme', label: 'ssd0' }] }],
            },
          ],
        },
        {
          kind: 'root-port',
          label: 'rp2',
          children: [{ kind: 'bridge', label: 'b', children: [{ kind: 'device', label: 'card' }] }],
        },
      ],
    },
  ]);
  const bars: Component['bars'] = [
    { index: 0, kind: 'memory32', prefetchable: false, bytes: 16 * mebibyte, resizable: null },
    {
      index: 1,
      kind: 'memory64',
      prefetchable: true,
      bytes: 256 * mebibyte,
      resizable: { minimumBytes: 64 * mebibyte, maximumBytes: 2 ** 38 },
    },
    { index: 3, kind: 'memory64', prefetchable: true, bytes: 2 ** 33, resizable: null },
    { index: 5, kind: 'io', prefetchable: false, bytes: 128, resizable: null },
    { index: 6, kind: 'rom', prefetchable: false, bytes: 2 ** 19, resizable: null },
  ];
  const components = machine.components.map((one) => (one.label === 'gpu0' ? { ...one, bars } : one));
  return { ...machine, components };
}

const machine = sampleMachine();
const spaces = () => configurationSpaces(machine);
const spaceOf = (name: string): FunctionSpace => {
  const found = spaces().functions.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no function ${name}`);
  return found;
};
const gpu = () => spaceOf('cpu0.rp0.gpu0');

const widths = fc.constantFrom<AccessWidth>(1, 2, 4);
const accesses = fc
  .record({ place: fc.nat({ max: 1023 }), width: widths, value: fc.nat({ max: 0xffffffff }), part: fc.nat({ max: 3 }) })
  .map(({ place, width, value, part }) => ({
    offset: place * 4 + (width === 4 ? 0 : width === 2 ? (part & 1) * 2 : part),
    width,
    value: value % 2 ** (8 * width),
  }));

describe('configuration reads', () => {
  it('read all ones where nothing answers', () => {
    expect(configRead(undefined, 0, 4)).toBe(0xffffffff);
    expect(configRead(spaces().byAddress.get('0000:1f:00.0'), 0, 2)).toBe(0xffff);
    expect(configRead(undefined, 0x0e, 1)).toBe(0xff);
    configWrite(undefined, 0x04, 2, 7);
  });

  it('read all ones behind the 256 bytes of a conventional function', () => {
    const card = spaceOf('cpu0.rp2.b.card');
    expect(configRead(card, 0xfc, 4)).toBe(0);
    expect(configRead(card, 0x100, 4)).toBe(0xffffffff);
  });

  it('refuse offsets that are not aligned or lie outside', () => {
    for (const [offset, width] of [
      [1, 2],
      [2, 4],
      [4096, 1],
      [-4, 4],
      [0.5, 1],
    ] as const) {
      expect(() => configRead(gpu(), offset, width)).toThrow(RangeError);
      expect(() => configWrite(gpu(), offset, width, 0)).toThrow(RangeError);
    }
  });

  it('wide reads are narrow ones put together', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1023 }), fc.nat({ max: 100 }), (word, which) => {
        const { functions } = spaces();
        const space = functions[which % functions.length];
        const bytes = [0, 1, 2, 3].map((index) => configRead(space, word * 4 + index, 1));
        expect(configRead(space, word * 4, 4)).toBe(bytes.reduceRight((sum, byte) => sum * 256 + byte, 0));
        expect(configRead(space, word * 4 + 2, 2)).toBe((bytes[2] ?? 0) + 256 * (bytes[3] ?? 0));
      }),
      { seed, numRuns: 200 },
    );
  });
});

describe('configuration writes', () => {
  it('change what may be written, clear what a one clears, and leave all else', () => {
    const { functions } = spaces();
    fc.assert(
      fc.property(fc.nat({ max: 100 }), accesses, (which, { offset, width, value }) => {
        const space = functions[which % functions.length];
        if (space === undefined || offset >= space.registers.bytes.length) return;
        if (space.resizables.some(({ control }) => Math.abs(control - offset) < 4)) return;
        const mask = (bytes: Uint8Array) =>
          Array.from({ length: width }, (_, index) => BigInt(bytes[offset + index] ?? 0) << BigInt(8 * index)).reduce(
            (a, b) => a | b,
          );
        const [writable, clearable] = [mask(space.registers.writable), mask(space.registers.clearable)];
        const before = BigInt(configRead(space, offset, width));
        const all = 2n ** BigInt(8 * width) - 1n;
        configWrite(space, offset, width, value);
        const one = BigInt(value);
        const expected = ((before & (all ^ writable)) | (one & writable)) & (all ^ (one & clearable));
        expect(BigInt(configRead(space, offset, width))).toBe(expected);
      }),
      { seed, numRuns: 2000 },
    );
  });

  it('never change IDs, class, header type or the chains of capabilities, whatever is written', () => {
    fc.assert(
      fc.property(fc.array(accesses, { maxLength: 200 }), fc.nat({ max: 100 }), (writes, which) => {
        const { functions } = spaces();
        const space = functions[which % functions.length];
        if (space === undefined) return;
        const fixed = () => [
          configRead(space, 0, 4),
          configRead(space, 8, 4),
          configRead(space, 0x0e, 1),
          configRead(space, 0x34, 1),
          ...space.capabilities.map(({ offset, kind }) => configRead(space, offset, kind === 'extended' ? 4 : 2)),
        ];
        const before = fixed();
        for (const { offset, width, value } of writes) configWrite(space, offset, width, value);
        expect(fixed()).toEqual(before);
      }),
      { seed, numRuns: 100 },
    );
  });

  it('reading back after a write of what was read changes nothing but events', () => {
    for (const space of spaces().functions) {
      const before = [...space.registers.bytes];
      for (let offset = 0; offset < before.length; offset += 4)
        configWrite(space, offset, 4, configRead(space, offset, 4));
      expect([...space.registers.bytes]).toEqual(before);
    }
  });

  it('sizes every BAR by all ones, and takes the address back', () => {
    const enumeration = enumerate(machine);
    for (const { name, bars, windows, physicalFunction } of enumeration.devices) {
      if (physicalFunction !== null) continue;
      for (const { index, kind, bytes, address } of bars) {
        const space = spaceOf(name);
        const at = index === 6 ? (windows === null ? 0x30 : 0x38) : 0x10 + 4 * index;
        const offsets = kind === 'memory64' ? [at, at + 4] : [at];
        const before = offsets.map((offset) => configRead(space, offset, 4));
        for (const offset of offsets) configWrite(space, offset, 4, 0xffffffff);
        const read = offsets.map((offset) => BigInt(configRead(space, offset, 4)));
        const typeBits = kind === 'io' ? 3n : kind === 'rom' ? 0x7ffn : 15n;
        const bits = ((read[1] ?? 0xffffffffn) << 32n) | ((read[0] ?? 0n) & (0xffffffffn ^ typeBits));
        expect(2n ** 64n - bits, `${name} ${index}`).toBe(BigInt(bytes));
        offsets.forEach((offset, place) => {
          configWrite(space, offset, 4, before[place] ?? 0);
          expect(configRead(space, offset, 4)).toBe(before[place]);
        });
        const low = BigInt(before[0] ?? 0) & (0xffffffffn ^ typeBits);
        expect(low | (BigInt(before[1] ?? 0) << 32n)).toBe(BigInt(address ?? 0));
      }
    }
  });

  it('a size written to Resizable BAR Control changes what sizing reads; a size that is not offered does not', () => {
    const space = gpu();
    const [resizable] = space.resizables;
    if (resizable === undefined) throw new Error('no resizable BAR');
    const sizeOf = (): number => {
      configWrite(space, 0x14, 4, 0xffffffff);
      configWrite(space, 0x18, 4, 0xffffffff);
      const low = BigInt(configRead(space, 0x14, 4)) & 0xfffffff0n;
      return Number(2n ** 64n - ((BigInt(configRead(space, 0x18, 4)) << 32n) | low));
    };
    expect(sizeOf()).toBe(256 * mebibyte);
    for (const code of resizable.sizeCodes) {
      configWrite(space, resizable.control + 1, 1, code);
      expect(sizeOf()).toBe(2 ** (20 + code));
    }
    const last = configRead(space, resizable.control + 1, 1);
    for (const code of [0, 5, 43]) {
      configWrite(space, resizable.control + 1, 1, code);
      expect(configRead(space, resizable.control + 1, 1)).toBe(last);
      expect(sizeOf()).toBe(2 ** 38);
    }
  });
});

describe('chains of capabilities', () => {
  it('visit each capability once, inside the space, none over another', () => {
    for (const space of spaces().functions) {
      const visited: number[] = [];
      for (let at = configRead(space, 0x34, 1); at !== 0; at = configRead(space, at + 1, 1)) visited.push(at);
      if (space.registers.bytes.length > 256) {
        for (let at = 0x100; at !== 0; at = configRead(space, at, 4) >>> 20) visited.push(at);
      }
      expect(visited).toEqual(space.capabilities.map(({ offset }) => offset));
      let end = 0x40;
      for (const { kind, offset, bytes } of space.capabilities) {
        expect(offset % 4).toBe(0);
        expect(offset).toBeGreaterThanOrEqual(end);
        end = offset + bytes;
        expect(end).toBeLessThanOrEqual(kind === 'standard' ? 0x100 : 0x1000);
      }
    }
  });
});
