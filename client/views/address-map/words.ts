import { formatBytes } from '../../../model/quantity.ts';
import { roughSize } from '../results/text.ts';
import { bytesOf, type Span } from './spaces.ts';

export const size = (bytes: bigint): string => formatBytes(Number(bytes));

/** A size in three digits, for a label; what is pointed at says it to the byte. */
export const roughly = (bytes: bigint): string => roughSize(Number(bytes));

/** An address as the kernel prints it: at least eight digits. */
export const address = (value: bigint): string => `0x${value.toString(16).padStart(8, '0')}`;

export const range = ({ start, end }: Span): string => `${address(start)} – ${address(end)}`;

/** What colours a span, and what the legend calls it. */
export const spaceNames: Readonly<Record<Span['space'], string>> = {
  memory: 'memory',
  prefetchable: 'prefetchable memory',
  io: 'I/O ports',
};

/** The whole of a span in words, for screen readers. */
export function spanWords(span: Span, short: (name: string) => string): string {
  const inner = span.children.length === 0 ? '' : `, ${span.children.length} inside`;
  return `${short(span.name)}, ${span.what}, ${size(bytesOf(span))} at ${address(span.start)}${inner}`;
}
