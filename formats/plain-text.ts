import { UnreadableInput } from './observed.ts';

/**
 * Text in UTF-16, as PowerShell writes what a command prints: told by its byte-order mark, or by every other byte being zero.
 * Null for bytes that are something else.
 */
export function utf16Of(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  const isLittle = first === 0xff && second === 0xfe;
  const isBig = first === 0xfe && second === 0xff;
  if (isLittle || isBig) return decodeUtf16(bytes.subarray(2), isBig);
  const head = bytes.subarray(0, 256);
  if (head.length < 8) return null;
  const zeros = [0, 1].map((odd) => head.filter((byte, at) => byte === 0 && at % 2 === odd).length);
  const half = Math.floor(head.length / 2);
  if ((zeros[0] ?? 0) === 0 && (zeros[1] ?? 0) > 0.9 * half) return decodeUtf16(bytes, false);
  return (zeros[1] ?? 0) === 0 && (zeros[0] ?? 0) > 0.9 * half ? decodeUtf16(bytes, true) : null;
}

function decodeUtf16(bytes: Uint8Array, isBig: boolean): string {
  const pieces: string[] = [];
  const chunk = 0x2000;
  for (let from = 0; from + 1 < bytes.length; from += chunk) {
    const codes: number[] = [];
    for (let at = from; at < from + chunk && at + 1 < bytes.length; at += 2) {
      const [low = 0, high = 0] = isBig ? [bytes[at + 1], bytes[at]] : [bytes[at], bytes[at + 1]];
      codes.push(low + 256 * high);
    }
    pieces.push(String.fromCharCode(...codes));
  }
  return pieces.join('');
}

/** What loggers put before each line: syslog, journald, the kernel's clock. */
const logPrefixes: readonly RegExp[] = [
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ [^\s:]+: ?/,
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S* (?:\S+ [^\s:]+: ?)?/,
  /^\[ *\d+\.\d{3,6}\] ?/,
];
/** What pdsh and ansible put there: the machine's name. A register's offset in a dump is none. */
const hostPrefix = /^(?![\da-f]{2,3}: )([A-Za-z][\w.-]+[\w]): ?/;
/** Lines that are enough to see a prefix. */
const sampleLines = 400;

/**
 * Text as the tool printed it: without a byte-order mark, the colours of terminals, and what a logger put before each line.
 *
 * @throws UnreadableInput where the lines are said to be those of several machines
 */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one (ECMA-48, CSI)
  const plain = text.replace(/^\uFEFF/, '').replace(/\x1b\[[0-9;]*[A-Za-z]/g, '');
  const lines = plain.split(/\r\n|\r|\n/);
  const sample = lines.slice(0, sampleLines).filter((line) => line.trim() !== '');
  if (sample.length < 3) return plain;
  const isBeforeAll = (prefix: RegExp) => sample.filter((line) => prefix.test(line)).length >= 0.95 * sample.length;
  const log = logPrefixes.find(isBeforeAll);
  if (log !== undefined) return plainText(lines.map((line) => line.replace(log, '')).join('\n'));
  if (!isBeforeAll(hostPrefix)) return plain;
  const hosts = [...new Set(lines.flatMap((line) => hostPrefix.exec(line)?.[1] ?? []))];
  if (hosts.length > 1) {
    const named = hosts.slice(0, 4).join(', ');
    throw new UnreadableInput(
      `It has the lines of ${hosts.length} machines (${named}${hosts.length > 4 ? ', …' : ''}): one file is one machine.`,
    );
  }
  return lines.map((line) => line.replace(hostPrefix, '')).join('\n');
}
