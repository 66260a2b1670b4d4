import { plainText, utf16Of } from './plain-text.ts';

/** Formats that a machine's own listing may have. */
export const importFormats = ['lspci', 'sysfs', 'hwloc', 'nccl', 'udevadm', 'nvidia-smi', 'qemu'] as const;
export type ImportFormat = (typeof importFormats)[number];

/** Enough of a file to see what it is. */
const headBytes = 8192;
/** Where the magic of a ustar archive stands (POSIX.1-1988). */
const ustarOffset = 257;

/** The format of a file by its first bytes; `lspci` where nothing else fits, whose reader says what it misses. */
export function detectFormat(bytes: Uint8Array): ImportFormat {
  const first = bytes.subarray(0, headBytes);
  let raw = '';
  for (const byte of first) raw += String.fromCharCode(byte);
  const isPacked = raw.startsWith('\x1f\x8b') || raw.startsWith('BZh');
  if (isPacked || raw.startsWith('ustar', ustarOffset)) return 'sysfs';
  const head = withoutPrefixes(utf16Of(first) ?? raw.replace(/^\xef\xbb\xbf/, ''));
  if (/<system\b/.test(head)) return 'nccl';
  if (/<topology\b|<!DOCTYPE topology/.test(head)) return 'hwloc';
  if (/^P: \//m.test(head)) return 'udevadm';
  // People put several outputs into one file: where lspci's is among them, the others only add to it.
  if (/^(?:> ?)*(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] +(?:"|[^:\n]+: )/im.test(head)) return 'lspci';
  if (/^-(?:device|M|machine)\b/m.test(head)) return 'qemu';
  if (/\bGPU0\s.*(?:CPU Affinity|GPU1|NIC0)/.test(head)) return 'nvidia-smi';
  return 'lspci';
}

/** What the lines are of, whoever's they are: the reader says what is wrong with them. */
function withoutPrefixes(text: string): string {
  try {
    return plainText(text);
  } catch {
    return text;
  }
}
