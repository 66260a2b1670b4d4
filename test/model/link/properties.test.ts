import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkTransfer } from '../../../model/link/efficiency.ts';
import { linkBandwidth } from '../../../model/link/efficiency.ts';
import type { Generation, LaneCount } from '../../../model/link/generation.ts';
import { generations, laneCounts, rawBytesPerSecond } from '../../../model/link/generation.ts';
import { oneWayLatency, readRoundTrip } from '../../../model/link/latency.ts';
import type { PayloadNode } from '../../../model/link/payload.ts';
import { configurePayload } from '../../../model/link/payload.ts';
import { taxSettings } from '../../../model/link/tax.ts';
import { payloadSizes } from '../../../model/link/tlp.ts';
import { supportedWidths, trainLink } from '../../../model/link/training.ts';

const generation = fc.constantFrom(...generations);
const lanes = fc.constantFrom(...laneCounts);
const size = fc.constantFrom(...payloadSizes);

const transfer: fc.Arbitrary<LinkTransfer> = fc.record({
  generation,
  lanes,
  mps: size,
  mrrs: size,
  rcb: fc.constantFrom(64, 128),
  addressBits: fc.constantFrom(32 as const, 64 as const),
  ecrc: fc.boolean(),
  rcbChunks: fc.boolean(),
  requestPrefixes: fc.nat(4),
  tax: fc.constantFrom(...taxSettings),
  flitMode: fc.boolean(),
  counting: fc.constantFrom('published' as const, 'exact' as const),
  transferBytes: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 2 ** 45 })),
  offsetBytes: fc.oneof(fc.constant(0), fc.nat(4095)),
});

/** Walks a transfer TLP by TLP, for what `split.ts` counts in closed form. */
function walk(input: LinkTransfer): { writes: number; requests: number; completions: number } {
  const { transferBytes, offsetBytes = 0, mps = 256, mrrs = 512, rcb = 64, rcbChunks = false } = input;
  const end = offsetBytes + transferBytes;
  let writes = 0;
  for (let at = offsetBytes; at < end; at = Math.min(end, (Math.floor(at / mps) + 1) * mps)) writes++;
  let requests = 0;
  let completions = 0;
  for (let at = offsetBytes; at < end; ) {
    const stop = Math.min(end, (Math.floor(at / mrrs) + 1) * mrrs);
    requests++;
    while (at < stop) {
      const chunk = at % rcb === 0 ? (rcbChunks ? rcb : mps) : rcb - (at % rcb);
      at = Math.min(stop, at + chunk);
      completions++;
    }
  }
  return { writes, requests, completions };
}

describe('link bandwidth, properties', () => {
  it('payload never exceeds what TLPs have, nor that the raw rate', () => {
    fc.assert(
      fc.property(transfer, (input) => {
        const at = linkBandwidth(input);
        expect(at.rawBytesPerSecond).toBe(rawBytesPerSecond(input.generation, input.lanes));
        expect(at.tlpBytesPerSecond).toBeLessThanOrEqual(at.rawBytesPerSecond);
        for (const rate of [at.writeBytesPerSecond, at.readBytesPerSecond, at.readWriteBytesPerSecond]) {
          expect(rate).toBeGreaterThan(0);
          expect(rate).toBeLessThan(at.tlpBytesPerSecond);
        }
        expect(at.readWriteBytesPerSecond).toBeLessThanOrEqual(Math.min(at.writeBytesPerSecond, at.readBytesPerSecond));
        for (const share of [at.writeEfficiency, at.readEfficiency, at.readWriteEfficiency]) {
          expect(share).toBeLessThan(1);
        }
      }),
    );
  });

  it('grows with the generation and, in the same settings, with lanes', () => {
    fc.assert(
      fc.property(transfer, generation, lanes, (input, otherGeneration, otherLanes) => {
        // Taxes differ by width and generation (worst case: x8 and x16 at large payloads), so compare without them.
        const plain = { ...input, tax: 'none' as const };
        const here = linkBandwidth(plain);
        const wider = linkBandwidth({ ...plain, lanes: otherLanes });
        expect(Math.sign(wider.writeBytesPerSecond - here.writeBytesPerSecond)).toBe(
          Math.sign(otherLanes - input.lanes),
        );
        const faster = linkBandwidth({ ...plain, generation: otherGeneration });
        expect(Math.sign(faster.readBytesPerSecond - here.readBytesPerSecond)).toBe(
          Math.sign(otherGeneration - input.generation),
        );
      }),
    );
  });

  it('grows with the generation under each tax', () => {
    fc.assert(
      fc.property(transfer, generation, (input, other) => {
        const a = linkBandwidth(input).writeBytesPerSecond;
        const b = linkBandwidth({ ...input, generation: other }).writeBytesPerSecond;
        if (other > input.generation) expect(b).toBeGreaterThan(a);
      }),
    );
  });

  it('counts as a walk over the TLPs does', () => {
    const counted = transfer.map((input) => ({
      ...input,
      counting: 'exact' as const,
      transferBytes: 1 + (input.transferBytes % 40_000),
    }));
    fc.assert(
      fc.property(counted, (input) => {
        const at = linkBandwidth(input);
        const walked = walk(input);
        expect(at.write.tlps).toBe(walked.writes);
        expect(at.read.requests).toBe(walked.requests);
        expect(at.read.completions).toBe(walked.completions);
      }),
    );
  });

  it('published and exact counting agree on aligned double words where requests are no smaller than payloads', () => {
    fc.assert(
      fc.property(transfer, (input) => {
        const { mps = 256, mrrs = 512 } = input;
        if (mrrs < mps) return;
        const aligned = { ...input, offsetBytes: 0, transferBytes: Math.ceil(input.transferBytes / 4) * 4 };
        const published = linkBandwidth({ ...aligned, counting: 'published' });
        expect(linkBandwidth({ ...aligned, counting: 'exact' })).toEqual(published);
      }),
    );
  });

  it('more wire bytes for more bytes, and never fewer for ECRC, prefixes or RCB chunks', () => {
    fc.assert(
      fc.property(transfer, fc.nat(10_000), (input, more) => {
        const here = linkBandwidth(input);
        const larger = linkBandwidth({ ...input, transferBytes: input.transferBytes + more });
        expect(larger.write.wireBytes).toBeGreaterThanOrEqual(here.write.wireBytes);
        expect(larger.read.completionWireBytes).toBeGreaterThanOrEqual(here.read.completionWireBytes);
        const loaded = linkBandwidth({ ...input, ecrc: true, requestPrefixes: 4 });
        expect(loaded.write.wireBytes).toBeGreaterThanOrEqual(here.write.wireBytes);
        const chunked = linkBandwidth({ ...input, rcbChunks: true });
        expect(chunked.read.completions).toBeGreaterThanOrEqual(here.read.completions);
      }),
    );
  });
});

const end = fc.record({
  generation: fc.option(generation, { nil: undefined }),
  lanes: fc.option(lanes, { nil: undefined }),
});

describe('training, properties', () => {
  const input = fc.record({
    upstream: end,
    downstream: fc.option(end, { nil: null }),
    slot: fc.record({ lanes: fc.option(lanes, { nil: undefined }) }),
    channel: fc.record({ generation: fc.option(generation, { nil: undefined }) }),
    forced: end,
  });

  it('stays within every cap, at a width that both ends support, and blames someone when below the better end', () => {
    fc.assert(
      fc.property(input, (given) => {
        const link = trainLink(given);
        const caps: Generation[] = [];
        for (const cap of [given.upstream, given.downstream, given.channel, given.forced]) {
          if (cap?.generation !== undefined) caps.push(cap.generation);
        }
        for (const cap of caps) expect(link.generation).toBeLessThanOrEqual(cap);
        const widths: LaneCount[] = [];
        for (const cap of [given.upstream, given.downstream]) if (cap?.lanes !== undefined) widths.push(cap.lanes);
        for (const width of widths) expect(supportedWidths(width)).toContain(link.lanes);
        for (const cap of [given.slot, given.forced]) {
          if (cap.lanes !== undefined) expect(link.lanes).toBeLessThanOrEqual(cap.lanes);
        }
        expect(link.generation).toBeLessThanOrEqual(link.capable.generation);
        expect(link.lanes).toBeLessThanOrEqual(link.capable.lanes);
        if (link.generation < link.capable.generation || link.lanes < link.capable.lanes) {
          expect(link.limitedBy).not.toBeNull();
        }
        expect(link.limitedBy === null).toBe(link.generationLimitedBy === null && link.lanesLimitedBy === null);
      }),
    );
  });

  it('a stated state is what comes out, and training it again changes nothing', () => {
    fc.assert(
      fc.property(input, generation, lanes, (given, statedGeneration, statedLanes) => {
        const stated = { generation: statedGeneration, lanes: statedLanes };
        expect(trainLink({ ...given, stated })).toMatchObject(stated);
        const first = trainLink(given);
        const again = trainLink({ ...given, stated: { generation: first.generation, lanes: first.lanes } });
        const known = [given.upstream, given.downstream].every((e) => e === null || (e.generation && e.lanes));
        if (known) expect(again).toEqual(first);
      }),
    );
  });
});

describe('latency, properties', () => {
  const hop = fc.oneof(
    fc.record({
      kind: fc.constant('link' as const),
      generation,
      lanes,
      meters: fc.double({ min: 0, max: 3, noNaN: true }),
    }),
    fc.record({
      kind: fc.constant('stage' as const),
      seconds: fc.double({ min: 0, max: 1e-6, noNaN: true }),
      storeAndForward: fc.boolean(),
    }),
  );

  it('grows with every hop and byte; a round trip is longer than one way', () => {
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 8 }), hop, fc.integer({ min: 1, max: 4096 }), (hops, extra, bytes) => {
        const here = oneWayLatency(hops, bytes).seconds;
        expect(oneWayLatency([...hops, extra], bytes).seconds).toBeGreaterThanOrEqual(here);
        expect(oneWayLatency(hops, bytes + 1).seconds).toBeGreaterThanOrEqual(here);
        // In one completion: several would follow each other through a store-and-forward stage.
        const one = { request: hops, payloadBytes: bytes, completionBytes: 4096 };
        const read = readRoundTrip({ ...one, completerSeconds: 0 });
        expect(read.seconds).toBeGreaterThanOrEqual(oneWayLatency(hops, bytes).seconds - 1e-15);
        const slow = readRoundTrip({ ...one, completerSeconds: 1e-6 });
        expect(slow.seconds).toBeCloseTo(read.seconds + 1e-6, 12);
      }),
    );
  });
});

describe('payload, properties', () => {
  const tree = fc
    .array(fc.record({ at: fc.nat(), supportedBytes: fc.option(size, { nil: undefined }), hotplug: fc.boolean() }), {
      minLength: 1,
      maxLength: 40,
    })
    .map((list): PayloadNode[] =>
      list.map(({ at, supportedBytes, hotplug }, index) =>
        index === 0
          ? { kind: 'root-port', parent: null, supportedBytes, hotplug }
          : { kind: 'downstream-port', parent: at % index, supportedBytes, hotplug },
      ),
    );

  it('no function is set above what it supports; safe and peer2peer leave no mismatch; perf never exceeds the parent', () => {
    fc.assert(
      fc.property(tree, (nodes) => {
        for (const policy of ['default', 'safe', 'perf', 'peer2peer', 'tune-off'] as const) {
          const settings = configurePayload(nodes, policy);
          for (const item of settings.nodes) {
            expect(item.maxPayloadBytes).toBeLessThanOrEqual(item.supportedBytes);
          }
          if (policy === 'safe' || policy === 'peer2peer') expect(settings.mismatches).toEqual([]);
          if (policy === 'perf') {
            for (const mismatch of settings.mismatches) {
              expect(mismatch.nodeBytes).toBeLessThan(mismatch.parentBytes);
            }
          }
        }
      }),
    );
  });
});
