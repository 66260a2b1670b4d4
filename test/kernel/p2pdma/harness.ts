import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { kernelCache } from '../boot/boot.ts';

const folder = import.meta.dirname;
const cache = resolve(kernelCache, 'p2pdma');
const debianPackage = 'linux-source-6.1';

/** Functions of p2pdma.c that decide, from the first to just behind the last. */
const firstFunction = 'static int pci_bridge_has_acs_redir(';
const behindLast = '/**\n * pci_p2pdma_distance_many';

/** The program, or null with what is missing. Nothing of the kernel's text stays in the project. */
export function p2pdmaHarness(mayFetch: boolean): { readonly program: string } | { readonly missing: string } {
  const program = join(cache, 'harness');
  if (existsSync(program)) return { program };
  if (!mayFetch) return { missing: 'npm run test:kernel:p2pdma builds it out of the kernel source' };
  mkdirSync(cache, { recursive: true });
  const source = join(cache, 'p2pdma.c');
  if (!existsSync(source)) fetchSource(source);
  const text = readFileSync(source, 'utf8');
  const from = text.indexOf(firstFunction);
  const to = text.indexOf(behindLast);
  if (from < 0 || to < from) return { missing: `${debianPackage}: p2pdma.c is not as expected` };
  writeFileSync(join(cache, 'extracted.h'), text.slice(from, to));
  const flags = ['-O1', '-w', '-I', folder, '-I', cache, '-o', program, join(folder, 'harness.c')];
  execFileSync('gcc', flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  return { program };
}

function fetchSource(to: string): void {
  const downloads = join(cache, 'download');
  mkdirSync(downloads, { recursive: true });
  execFileSync('apt-get', ['download', debianPackage], { cwd: downloads, stdio: 'ignore' });
  const deb = readdirSync(downloads).find((name) => name.startsWith(debianPackage));
  if (deb === undefined) throw new Error(`apt-get download ${debianPackage} brought nothing`);
  const member = `${debianPackage}/drivers/pci/p2pdma.c`;
  const unpack = `dpkg-deb --fsys-tarfile ${deb} | tar -xO ./usr/src/${debianPackage}.tar.xz | tar -xJf - --strip-components=3 ${member}`;
  execFileSync('sh', ['-c', unpack], { cwd: downloads });
  writeFileSync(to, readFileSync(join(downloads, 'p2pdma.c')));
  rmSync(downloads, { recursive: true });
}
