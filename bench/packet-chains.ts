import { rawBytesPerSecond } from '../model/link/generation.ts';
import { switchLatency } from '../model/link/latency.ts';
import { tlpOverheadBytes } from '../model/link/tlp.ts';
import { bufferCredits } from '../simulator/packet/buffers.ts';
import { type Network, posted, type Station } from '../simulator/packet/network.ts';

export interface ChainShape {
  readonly chains: number;
  readonly hops: number;
  readonly payloadBytes: number;
  readonly tlps: number;
}

/** Gen5 x16, the fastest link without flits: credits, acknowledgements and updates all take part. */
export const chainBytesPerSecond = rawBytesPerSecond(5, 16);
export const chainDelaySeconds = switchLatency.value;
/** An Ack and an UpdateFC for every TLP. */
const dllpBytes = 16;

/** Chains of links side by side, each with one stream of posted writes, so that nothing but the engine is measured. */
export function makeChains({ chains, hops, payloadBytes, tlps }: ChainShape): Network {
  const stations: Station[] = [];
  const overhead = tlpOverheadBytes('memory-write', {
    addressBits: 64,
    ecrc: false,
    requestPrefixes: 0,
    flitMode: false,
  });
  const buffer = bufferCredits({ generation: 5, lanes: 16 }, payloadBytes, chainDelaySeconds);
  const movements = Array.from({ length: chains }, () => {
    const stages = Array.from({ length: hops }, () => {
      const station = stations.length;
      const link = { picosecondsPerByte: 1e12 / chainBytesPerSecond, credits: buffer.credits, dllpBytes };
      stations.push({ ...link, reverse: station + 1 }, { ...link, reverse: station });
      return {
        station,
        factor: 1,
        overhead,
        delay: chainDelaySeconds * 1e12,
        creditDelay: buffer.returnSeconds * 1e12,
      };
    });
    return { data: { class: posted, stages, bytes: tlps * payloadBytes, unitBytes: payloadBytes } };
  });
  return { stations, movements, tags: [] };
}
