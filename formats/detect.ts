/** Formats that a machine's own listing may have. */
export const importFormats = ['lspci', 'sysfs', 'hwloc', 'nccl', 'udevadm', 'nvidia-smi', 'qemu'] as const;
export type ImportFormat = (typeof importFormats)[number];

/** Enough of a file to see what it is. */
const headBytes = 8192;
/** Where the magic of a ustar archive stands (POSIX.1-1988). */
const ustarOffset = 257;

/** The format of a file by its first bytes; `lspci` where nothing else fits, whose reader says what it misses. */
export function detectFormat(bytes: Uint8Array): ImportFormat {
  let head = '';
  for (const byte of bytes.subarray(0, headBytes)) head += String.fromCharCode(byte);
  const isPacked = head.startsWith('\x1f\x8b') || head.startsWith('BZh');
  if (isPacked || head.startsWith('ustar', ustarOffset)) return 'sysfs';
  if (/<system\b/.test(head)) return 'nccl';
  if (/<topology\b|<!DOCTYPE topology/.test(head)) return 'hwloc';
  if (/^P: \//m.test(head)) return 'udevadm';
  // People put several outputs into one file: where lspci's is among them, the others only add to it.
  if (/^(?:> ?)*(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] +(?:"|[^:\n]+: )/im.test(head)) return 'lspci';
  if (/^-(?:device|M|machine)\b/m.test(head)) return 'qemu';
  if (/\bGPU0\s.*(?:CPU Affinity|GPU1|NIC0)/.test(head)) return 'nvidia-smi';
  return 'lspci';
}
