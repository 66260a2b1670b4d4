import { linkBandwidth } from '../../model/link/efficiency.ts';
import { isGeneration, isLaneCount } from '../../model/link/generation.ts';
import { isPayloadSize } from '../../model/link/tlp.ts';
import { formatBytes, formatRate } from '../../model/quantity.ts';
import { exitCodes, Misuse } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { taxOf } from './path.ts';

export interface LinkOptions {
  readonly gen: string;
  readonly lanes: string;
  readonly mps: string;
  readonly mrrs: string;
  readonly rcb: string;
  readonly addressBits: string;
  readonly size: string;
  readonly tax?: string;
  readonly ecrc?: boolean;
  readonly rcbChunks?: boolean;
  readonly json?: boolean;
}

const number = (text: string, option: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new Misuse(`--${option} takes a whole number from 1 up, not '${text}'.`);
  return value;
};

/** `pcie link`: one link by itself, by the closed-form model; the worst-case tax unless another is asked for. */
export function link(options: LinkOptions): number {
  const generation = number(options.gen, 'gen');
  const lanes = number(options.lanes, 'lanes');
  const [mps, mrrs] = [number(options.mps, 'mps'), number(options.mrrs, 'mrrs')];
  const rcb = number(options.rcb, 'rcb');
  const addressBits = number(options.addressBits, 'address-bits');
  if (!isGeneration(generation)) throw new Misuse(`--gen is 1 to 7, not ${generation}.`);
  if (!isLaneCount(lanes)) throw new Misuse(`--lanes is 1, 2, 4, 8, 12, 16 or 32, not ${lanes}.`);
  if (!isPayloadSize(mps)) throw new Misuse(`--mps is a power of two from 128 to 4096, not ${mps}.`);
  if (!isPayloadSize(mrrs)) throw new Misuse(`--mrrs is a power of two from 128 to 4096, not ${mrrs}.`);
  if (rcb !== 64 && rcb !== 128) throw new Misuse(`--rcb is 64 or 128, not ${rcb}.`);
  if (addressBits !== 32 && addressBits !== 64) throw new Misuse(`--address-bits is 32 or 64, not ${addressBits}.`);
  const result = linkBandwidth({
    generation,
    lanes,
    mps,
    mrrs,
    rcb,
    addressBits,
    ecrc: options.ecrc === true,
    rcbChunks: options.rcbChunks === true,
    tax: taxOf(options.tax ?? 'worst-case'),
    transferBytes: number(options.size, 'size'),
  });
  const { rawBytesPerSecond, writeBytesPerSecond, readBytesPerSecond, readWriteBytesPerSecond } = result;
  if (options.json === true) {
    printJson({ rawBytesPerSecond, writeBytesPerSecond, readBytesPerSecond, readWriteBytesPerSecond });
  } else {
    const row = (name: string, rate: number) =>
      `${name.padEnd(22)}${formatRate(rate).padStart(12)}  ${((rate * 8) / 1e9).toFixed(3)} Gb/s  ${((rate / rawBytesPerSecond) * 100).toFixed(1)} %`;
    print(
      [
        `Gen${generation} x${lanes}, ${formatBytes(Number(options.size))} at a time, MPS ${mps}, MRRS ${mrrs}`,
        row('raw', rawBytesPerSecond),
        row('write', writeBytesPerSecond),
        row('read', readBytesPerSecond),
        row('both at once, each way', readWriteBytesPerSecond),
      ].join('\n'),
    );
  }
  return exitCodes.done;
}
