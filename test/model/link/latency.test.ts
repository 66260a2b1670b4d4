import { describe, expect, it } from 'vitest';
import type { LatencyHop } from '../../../model/link/latency.ts';
import {
  dmaEngineLatency,
  memoryLatency,
  oneWayLatency,
  outstandingReadLimit,
  postedWriteLatency,
  propagationSeconds,
  readRoundTrip,
  rootComplexLatency,
  serializationSeconds,
  switchLatency,
} from '../../../model/link/latency.ts';

const gen3x8 = { generation: 3, lanes: 8 } as const;
const link: LatencyHop = { kind: 'link', ...gen3x8 };
const stage = (seconds: number, storeAndForward = false): LatencyHop => ({ kind: 'stage', seconds, storeAndForward });

describe('times on a link', () => {
  it('serializes', () => {
    expect(serializationSeconds(88, gen3x8)).toBeCloseTo(88 / 7.876923e9, 15);
    expect(serializationSeconds(80, { generation: 6, lanes: 16 })).toBeCloseTo(256 / 128e9, 15);
    expect(serializationSeconds(237, { generation: 6, lanes: 16 })).toBeCloseTo(512 / 128e9, 15);
  });

  it('propagates at 180 ps an inch', () => {
    expect(propagationSeconds(0.0254)).toBeCloseTo(180e-12, 15);
  });
});

describe('one way', () => {
  it('cuts through: the slowest link decides once', () => {
    const slow: LatencyHop = { kind: 'link', generation: 1, lanes: 1 };
    const through = oneWayLatency([link, stage(100e-9), slow, stage(50e-9), link], 88);
    expect(through.fixedSeconds).toBeCloseTo(150e-9, 15);
    expect(through.serializationSeconds).toBeCloseTo(88 / 250e6, 15);
    expect(through.seconds).toBeCloseTo(through.fixedSeconds + through.serializationSeconds, 18);
  });

  it('a store-and-forward stage waits for the whole TLP', () => {
    const stored = oneWayLatency([link, stage(0, true), link], 88);
    expect(stored.serializationSeconds).toBeCloseTo((2 * 88) / 7.876923e9, 15);
  });

  it('64 B posted write: payload and header on the wire', () => {
    const write = postedWriteLatency([link, stage(switchLatency.value), link]);
    expect(write.seconds).toBeCloseTo(105e-9 + 88 / 7.876923e9, 12);
  });
});

describe('read round trip', () => {
  const host: readonly LatencyHop[] = [link, stage(rootComplexLatency.value)];

  it('adds request, completer and completion', () => {
    const read = readRoundTrip({ request: host, completerSeconds: 10e-9 });
    expect(read.seconds).toBeCloseTo(500e-9 + 10e-9 + (24 + 84) / 7.876923e9, 12);
  });

  it('larger reads wait for all their completions', () => {
    const small = readRoundTrip({ request: host, completerSeconds: 0 });
    const large = readRoundTrip({ request: host, completerSeconds: 0, payloadBytes: 2048 });
    expect(large.seconds - small.seconds).toBeCloseTo((2048 + 8 * 20 - 84) / 7.876923e9, 12);
    const stored = readRoundTrip({
      request: [link, stage(0, true), link],
      completerSeconds: 0,
      payloadBytes: 2048,
    });
    // Both links are crossed by the request; behind the first completion the others follow.
    expect(stored.serializationSeconds).toBeCloseTo((2 * 24 + 2048 + 8 * 20 + 276) / 7.876923e9, 12);
  });

  it('lies within 10 % of published reads of host memory by DMA, Gen3 x8', () => {
    const cold = readRoundTrip({
      request: host,
      completerSeconds: memoryLatency.value + dmaEngineLatency.value,
    });
    // 600 ns median, cold cache, Xeon E5-2630 v4 and v3.
    expect(Math.abs(cold.seconds / 600e-9 - 1)).toBeLessThan(0.1);
  });
});

describe('reads in flight', () => {
  it('bound the rate', () => {
    expect(outstandingReadLimit(33, 64, 560e-9)).toBeCloseTo((33 * 64) / 560e-9, 3);
  });
});

describe('constants', () => {
  it('say where they come from', () => {
    for (const constant of [switchLatency, rootComplexLatency, memoryLatency, dmaEngineLatency]) {
      expect(constant.value).toBeGreaterThan(0);
      expect(constant.source.length).toBeGreaterThan(20);
    }
  });
});
