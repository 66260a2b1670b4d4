import { execFileSync } from 'node:child_process';
import { closeSync, type Dirent, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UnreadableInput } from '../formats/observed.ts';
import { isWanted } from '../formats/sysfs/files.ts';
import { linkPrefix, readTar } from '../formats/sysfs/tar.ts';
import { BadInput, Misuse } from './exit.ts';

/** More than any file of sysfs that is read has: configuration space is 4 KiB, `cpuinfo` grows with the processors. */
const mostBytes = 4 * 1024 * 1024;
/** More than an archive of one machine's sysfs has when unpacked. */
const mostArchiveBytes = 512 * 1024 * 1024;
const deepest = 64;

/** Files by path from a folder (a gathered or the live `/sys`) or from a tar archive, plain or packed. */
export function readTree(path: string): ReadonlyMap<string, Uint8Array> {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch {
    throw new BadInput(path, 'The file cannot be read: there is no such file.', 'input/unreadable');
  }
  return isFolder ? readFolder(path) : readTar(unpacked(path));
}

/** The bytes of an archive without its packing, told by its first bytes. */
function unpacked(path: string): Uint8Array {
  const bytes = readFileSync(path);
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, { maxOutputLength: mostArchiveBytes });
    if (bytes.subarray(0, 3).toString('latin1') === 'BZh') return bunzip(path, bytes);
  } catch (error) {
    if (error instanceof Misuse) throw error;
    throw new UnreadableInput(
      `The archive cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return bytes;
}

/** Node has no bzip2: the program does it where it is installed. */
function bunzip(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return execFileSync('bzip2', ['-dc'], {
      input: bytes,
      maxBuffer: mostArchiveBytes,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Misuse(
        `${path}: the program bzip2 is not installed: unpack the archive first (bunzip2), or pack it with gzip.`,
      );
    }
    throw error;
  }
}

/** Files of a folder by their paths from it. Links are kept as links and not followed: sysfs is full of circles. */
function readFolder(root: string): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  // What the folder is called is part of what its paths mean: `/sys`, `devices`, `pci0000:00`.
  const prefix = basename(resolve(root));
  const walk = (folder: string, path: string, depth: number): void => {
    if (depth > deepest) return;
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      return; // not ours to read
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = `${path}/${entry.name}`;
      const full = join(folder, entry.name);
      if (entry.isDirectory()) walk(full, inside, depth + 1);
      else if (isWanted(inside)) {
        const bytes = entry.isSymbolicLink() ? readLink(full) : readFile(full);
        if (bytes !== null) files.set(inside, bytes);
      }
    }
  };
  walk(root, prefix, 0);
  // Processors and the kernel are in `proc`, which stands beside `sys`.
  if (prefix === 'sys') {
    for (const name of ['cpuinfo', 'version', 'cmdline', 'sys/kernel/hostname']) {
      const bytes = readFile(join(root, '..', 'proc', name));
      if (bytes !== null) files.set(`proc/${name}`, bytes);
    }
  }
  return files;
}

function readLink(path: string): Uint8Array | null {
  try {
    return new TextEncoder().encode(linkPrefix + readlinkSync(path));
  } catch {
    return null;
  }
}

/** A file of sysfs says a size of a page whatever it holds: it is read until it ends. */
function readFile(path: string): Uint8Array | null {
  let handle: number | null = null;
  try {
    handle = openSync(path, 'r');
    const chunks: Buffer[] = [];
    let total = 0;
    for (;;) {
      const chunk = Buffer.alloc(65536);
      const count = readSync(handle, chunk, 0, chunk.length, null);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      total += count;
      if (total > mostBytes) break;
    }
    return Buffer.concat(chunks);
  } catch {
    return null;
  } finally {
    if (handle !== null) closeSync(handle);
  }
}
