import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describePath, peerMatrix } from '../../simulator/path.ts';
import { idOf, type Sketch, sketchMachine } from '../model/draft.ts';
import { machineChoice, makeMachine } from './packet/random-machine.ts';

describe('the latency of a path', () => {
  it('is the sum of its parts, each with a source, on any machine', () => {
    fc.assert(
      fc.property(machineChoice, fc.nat(11), fc.nat(11), (choice, one, other) => {
        const { machine, ends } = makeMachine(choice);
        const [from, to] = [one, other].map((index) => {
          const name = ends[index % ends.length] ?? 'cpu0';
          return { component: idOf(machine, name), memory: name === 'cpu0' };
        });
        if (from === undefined || to === undefined || from.component === to.component) return;
        for (const via of ['auto', 'host'] as const) {
          const path = describePath(machine, from, to, { via });
          const sum = path.latency.reduce((all, { seconds }) => all + seconds, 0);
          expect(Math.abs(sum - path.latencySeconds)).toBeLessThanOrEqual(1e-15);
          const atEnds = path.latency.reduce((all, { hop, seconds }) => (hop === null ? all + seconds : all), 0);
          const atHops = path.hops.reduce((all, { seconds }) => all + seconds, 0);
          expect(Math.abs(atEnds + atHops - path.latencySeconds)).toBeLessThanOrEqual(1e-15);
          for (const { source, name, seconds } of path.latency) {
            expect(source).not.toBe('');
            expect(name).not.toBe('');
            expect(seconds).toBeGreaterThanOrEqual(0);
          }
          // Each hop is explained, be it that it adds nothing.
          const explained = new Set(path.latency.map(({ hop }) => hop));
          for (const index of path.hops.keys()) expect(explained).toContain(index);
        }
      }),
      { seed: 20_250, numRuns: 200 },
    );
  });

  const server = (settings: Sketch['settings']) =>
    sketchMachine([
      {
        kind: 'socket',
        label: 'cpu0',
        children: [
          {
            kind: 'root-port',
            label: 'rp0',
            settings: { generation: 5, lanes: 16, ...settings },
            children: [{ kind: 'nic', label: 'nic0', settings: { generation: 5, lanes: 16 } }],
          },
        ],
      },
    ]);
  const latency = (settings: Sketch['settings'], operation: 'read' | 'write') => {
    const machine = server(settings);
    const [nic, memory] = [
      { component: idOf(machine, 'nic0'), memory: false },
      { component: idOf(machine, 'cpu0'), memory: true },
    ];
    const [from, to] = operation === 'read' ? [memory, nic] : [nic, memory];
    return describePath(machine, from, to, { operation });
  };

  it('grows by each retimer, of a read both ways', () => {
    for (const [operation, often] of [
      ['write', 1],
      ['read', 2],
    ] as const) {
      const plain = latency({}, operation).latencySeconds;
      const one = latency({ retimers: 1 }, operation).latencySeconds - plain;
      expect(one).toBeCloseTo(often * 10e-9, 12);
      expect(latency({ retimers: 2 }, operation).latencySeconds - plain).toBeCloseTo(2 * one, 12);
    }
  });

  it('grows once by the way out of L0s or L1, which a link under load does not lose rate by', () => {
    const plain = latency({}, 'read');
    const sleepy = latency({ aspm: 'l0s' }, 'read');
    expect(sleepy.latencySeconds - plain.latencySeconds).toBeCloseTo(1e-6, 12);
    expect(sleepy.bytesPerSecond).toBe(plain.bytesPerSecond);
    expect(latency({ aspm: 'l1' }, 'read').latencySeconds).toBeGreaterThan(sleepy.latencySeconds);
    expect(latency({ aspm: 'off' }, 'read').latencySeconds).toBe(plain.latencySeconds);
  });
});

describe('packets between peers', () => {
  const pair = (parts: readonly string[], vendor: number) => {
    const port = (label: string, gpu: string): Sketch => ({
      kind: 'port',
      label,
      settings: { generation: 5, lanes: 16 },
      children: [
        { kind: 'gpu', label: gpu, settings: { generation: 5, lanes: 16, vendorId: vendor, deviceId: 0x2331 } },
      ],
    });
    const made = sketchMachine([
      {
        kind: 'socket',
        label: 'cpu0',
        children: [
          {
            ...{ kind: 'root-port', label: 'rp0', settings: { generation: 5, lanes: 16 } },
            children: [{ kind: 'switch', label: 'sw0', acs: 'off', children: [port('p0', 'a'), port('p1', 'b')] }],
          },
        ],
      },
    ]);
    const components = made.components.map((one) => (one.kind === 'switch' ? { ...one, parts } : one));
    const machine = { ...made, components };
    const at = (name: string) => ({ component: idOf(machine, name), memory: false });
    const { reasons, bytesPerSecond } = describePath(machine, at('a'), at('b'));
    return { codes: reasons.map(({ code }) => code), bytesPerSecond };
  };

  it('are as large as the switch passes them, and the path says which switch it takes it for', () => {
    const unknown = pair([], 0x10de);
    const plain = pair(['another'], 0x10de);
    const small = pair(['pex89104', 'pex89000-series'], 0x10de);
    expect(unknown.codes).toContain('payload/switch-unknown');
    expect(plain.codes.filter((code) => code.startsWith('payload/'))).toEqual([]);
    expect(small.codes).toContain('payload/switch');
    expect(unknown.bytesPerSecond).toBe(plain.bytesPerSecond);
    expect(small.bytesPerSecond).toBeLessThan(plain.bytesPerSecond);
  });
});

describe('the matrix of peers', () => {
  it('leaves out what a chip has inside', () => {
    const port = (label: string, classCode: number): Sketch => ({
      ...{ kind: 'root-port', label: `rp-${label}`, settings: { generation: 4, lanes: 16 } },
      children: [{ kind: 'device', label, settings: { generation: 4, lanes: 16, classCode } }],
    });
    const children = [port('psp', 0x108000), port('dummy', 0x130000), port('sas', 0x010700)];
    const machine = sketchMachine([{ kind: 'socket', label: 'cpu0', children }]);
    expect(peerMatrix(machine).devices).toEqual([expect.stringContaining('sas')]);
  });
});
