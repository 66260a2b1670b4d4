import { describe, expect, it } from 'vitest';
import type { PayloadKind, PayloadNode, PayloadSettings } from '../../../model/link/payload.ts';
import { configurePayload, pathPayloadBytes } from '../../../model/link/payload.ts';

const node = (
  kind: PayloadKind,
  parent: number | null,
  supportedBytes: number | undefined,
  more: Partial<PayloadNode> = {},
): PayloadNode => ({ kind, parent, supportedBytes, ...more });

const payloads = (settings: PayloadSettings): (number | null)[] => settings.nodes.map((item) => item.maxPayloadBytes);
const codes = (settings: PayloadSettings): string[] => settings.reasons.map((reason) => reason.code);

/** Root port, switch with two downstream ports, an endpoint below each. */
const switched = (first: number, second: number): PayloadNode[] => [
  node('root-port', null, 512),
  node('upstream-port', 0, 512),
  node('downstream-port', 1, 512),
  node('downstream-port', 1, 512),
  node('endpoint', 2, first),
  node('endpoint', 3, second),
];

describe('default policy', () => {
  it('a device gets the payload size of the port above', () => {
    const settings = configurePayload([node('root-port', null, 256), node('endpoint', 0, 512)]);
    expect(payloads(settings)).toEqual([256, 256]);
    expect(settings.mismatches).toEqual([]);
    expect(settings.nodes[1]?.maxReadRequestBytes).toBe(512);
  });

  it('a root port is lowered to a device that supports less', () => {
    const settings = configurePayload([node('root-port', null, 512), node('endpoint', 0, 256)]);
    expect(payloads(settings)).toEqual([256, 256]);
    expect(codes(settings)).toEqual(['payload/root-port-lowered']);
  });

  it('below a switch the mismatch stays', () => {
    const settings = configurePayload(switched(512, 256));
    expect(payloads(settings)).toEqual([512, 512, 512, 512, 512, 128]);
    expect(settings.mismatches).toEqual([{ node: 5, parent: 3, nodeBytes: 128, parentBytes: 512 }]);
    expect(settings.reasons).toMatchObject([{ node: 5, code: 'payload/not-supported' }]);
  });

  it('a second function that lowers the root port leaves the first behind', () => {
    const settings = configurePayload([
      node('root-port', null, 512),
      node('endpoint', 0, 512),
      node('endpoint', 0, 128),
    ]);
    expect(payloads(settings)).toEqual([128, 512, 128]);
    expect(settings.mismatches).toHaveLength(1);
  });

  it('a bus is set up before what lies below it', () => {
    // Function 0 is a switch, function 1 supports 128 only and lowers the root port; the switch was set up before.
    const settings = configurePayload([
      node('root-port', null, 512),
      node('upstream-port', 0, 512),
      node('downstream-port', 1, 512),
      node('endpoint', 2, 512),
      node('endpoint', 0, 128),
    ]);
    expect(payloads(settings)).toEqual([128, 512, 512, 512, 128]);
  });

  it('keeps what firmware set up alike', () => {
    const settings = configurePayload(switched(512, 256), 'default', 'consistent');
    expect(payloads(settings)).toEqual([256, 256, 256, 256, 256, 256]);
    expect(payloads(configurePayload(switched(512, 256), 'default', 'reset'))).toEqual([128, 128, 128, 128, 128, 128]);
    expect(
      payloads(
        configurePayload([
          node('root-port', null, 512, { initialBytes: 256 }),
          node('endpoint', 0, 512, { initialBytes: 128 }),
        ]),
      ),
    ).toEqual([256, 256]);
  });

  it('a stated setting stays, whatever the kernel does', () => {
    const settings = configurePayload([
      node('root-port', null, 512),
      node('endpoint', 0, 512, { statedBytes: 128, statedReadRequestBytes: 4096 }),
    ]);
    expect(payloads(settings)).toEqual([512, 128]);
    expect(settings.nodes[1]?.maxReadRequestBytes).toBe(4096);
    expect(settings.mismatches).toHaveLength(1);
  });

  it('says what it assumed', () => {
    const settings = configurePayload([node('root-port', null, undefined), node('endpoint', 0, 512)]);
    expect(settings.nodes.map((item) => item.supportAssumed)).toEqual([true, false]);
    expect(payloads(settings)).toEqual([256, 256]);
  });
});

describe('other policies', () => {
  it('safe: the least below each root port', () => {
    const forest = [...switched(512, 256), node('root-port', null, 512), node('endpoint', 6, 512)];
    expect(payloads(configurePayload(forest, 'safe'))).toEqual([256, 256, 256, 256, 256, 256, 512, 512]);
  });

  it('safe: 128 with a hot-plug slot on a switch, not with one on the root port', () => {
    const below = switched(512, 512).map((item, index) => (index === 2 ? { ...item, hotplug: true } : item));
    const settings = configurePayload(below, 'safe');
    expect(payloads(settings)).toEqual([128, 128, 128, 128, 128, 128]);
    expect(codes(settings)).toContain('payload/hotplug');
    const root = [node('root-port', null, 512, { hotplug: true }), node('endpoint', 0, 512)];
    expect(payloads(configurePayload(root, 'safe'))).toEqual([512, 512]);
  });

  it('perf: the smaller of own and parent, and read requests no larger', () => {
    const settings = configurePayload(switched(512, 256), 'perf');
    expect(payloads(settings)).toEqual([512, 512, 512, 512, 512, 256]);
    expect(settings.nodes.map((item) => item.maxReadRequestBytes)).toEqual([512, 512, 512, 512, 512, 256]);
  });

  it('peer2peer: 128 everywhere, integrated endpoints too', () => {
    const nodes = [...switched(512, 256), node('integrated-endpoint', null, 512)];
    expect(payloads(configurePayload(nodes, 'peer2peer'))).toEqual([128, 128, 128, 128, 128, 128, 128]);
    expect(payloads(configurePayload(nodes, 'safe'))[6]).toBe(512);
  });

  it('tune-off: firmware stays, a mismatch is remarked', () => {
    const settings = configurePayload([node('root-port', null, 256), node('endpoint', 0, 256)], 'tune-off');
    expect(payloads(settings)).toEqual([256, 128]);
    expect(codes(settings)).toEqual(['payload/mismatch']);
  });

  it('conventional PCI has no payload size', () => {
    const settings = configurePayload([
      node('root-port', null, 256),
      node('conventional', 0, undefined),
      node('conventional', 1, undefined),
    ]);
    expect(payloads(settings)).toEqual([256, null, null]);
    expect(settings.mismatches).toEqual([]);
  });
});

describe('input', () => {
  it('refuses what is no tree and no size', () => {
    expect(() => configurePayload([node('endpoint', 3, 256)])).toThrow(RangeError);
    expect(() => configurePayload([node('upstream-port', 1, 256), node('downstream-port', 0, 256)])).toThrow(/cycle/);
    expect(() => configurePayload([node('root-port', null, 300)])).toThrow(RangeError);
  });

  it('a path takes the least of its ports', () => {
    expect(pathPayloadBytes([512, 128, 256])).toBe(128);
  });
});
