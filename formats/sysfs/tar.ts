import { UnreadableInput } from '../observed.ts';
import { bytesOfText, textOfBytes } from './text.ts';

const blockBytes = 512;

/**
 * Files of a tar archive by path (POSIX.1-1988 ustar, with GNU long names and pax paths). Links, folders and devices: only
 * symbolic links are kept, as files that hold their target behind `linkPrefix`. Throws UnreadableInput for what is no tar.
 */
export function readTar(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longName: string | null = null;
  let longLink: string | null = null;
  let at = 0;
  while (at + blockBytes <= bytes.length) {
    const header = bytes.subarray(at, at + blockBytes);
    if (header.every((byte) => byte === 0)) break;
    if (!hasChecksum(header)) {
      throw new UnreadableInput(`This is no tar archive: the header at byte ${at} has a wrong checksum.`);
    }
    const size = numberAt(header, 124, 12);
    const type = String.fromCharCode(header[156] ?? 0);
    const start = at + blockBytes;
    if (start + size > bytes.length) throw new UnreadableInput(`The tar archive ends inside the file at byte ${at}.`);
    const body = bytes.subarray(start, start + size);
    at = start + Math.ceil(size / blockBytes) * blockBytes;
    if (type === 'L' || type === 'K') {
      const name = textOf(body);
      if (type === 'L') longName = name;
      else longLink = name;
      continue;
    }
    if (type === 'x') {
      const records = paxRecords(textOf(body));
      longName = records.get('path') ?? longName;
      longLink = records.get('linkpath') ?? longLink;
      continue;
    }
    if (type === 'g') continue;
    const name = normalise(longName ?? ustarName(header));
    // What would lie outside the archive's own folder is not looked at.
    const isInside = !name.split('/').includes('..');
    if (isInside && (type === '0' || type === '\0' || type === '7')) files.set(name, body);
    else if (isInside && type === '2') {
      files.set(name, bytesOfText(linkPrefix + (longLink ?? textAt(header, 157, 100))));
    }
    longName = null;
    longLink = null;
  }
  if (files.size === 0) throw new UnreadableInput('There are no files in this archive.');
  return files;
}

/** What stands before the target of a symbolic link, where files are bytes by path. */
export const linkPrefix = '\0link:';

function ustarName(header: Uint8Array): string {
  const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : '';
  const name = textAt(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function normalise(path: string): string {
  const slashes = path.includes('/') ? path : path.replaceAll('\\', '/');
  return slashes
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function textAt(header: Uint8Array, offset: number, length: number): string {
  return textOf(header.subarray(offset, offset + length));
}

/** Text up to the first zero byte. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return textOfBytes(end < 0 ? bytes : bytes.subarray(0, end));
}

/** An octal number, or one in base 256 where the first bit is set (GNU). */
function numberAt(header: Uint8Array, offset: number, length: number): number {
  const first = header[offset] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = first & 0x7f;
    for (let at = offset + 1; at < offset + length; at++) value = value * 256 + (header[at] ?? 0);
    return value;
  }
  const digits = /^[0-7]+/.exec(textAt(header, offset, length).trim())?.[0];
  return digits === undefined ? 0 : Number.parseInt(digits, 8);
}

/** The checksum counts its own eight bytes as spaces. */
function hasChecksum(header: Uint8Array): boolean {
  let sum = 0;
  header.forEach((byte, at) => {
    sum += at >= 148 && at < 156 ? 0x20 : byte;
  });
  return sum === numberAt(header, 148, 8);
}

/** `27 path=some/long/name` a record, its length first. */
function paxRecords(text: string): Map<string, string> {
  const records = new Map<string, string>();
  for (const line of text.split('\n')) {
    const found = /^\d+ ([^=]+)=(.*)$/.exec(line);
    if (found?.[1] !== undefined && found[2] !== undefined) records.set(found[1], found[2]);
  }
  return records;
}
