import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * What runs in the guest: prints what the kernel made of the topology and ends. As few processes as can be, since all of it
 * is emulated: `vfs=0000:01:00.0=4,…` on the command line enables virtual functions; `collect=yes` runs the collector as well;
 * each `grep` prints many files, a line each with the file's name before it.
 */
const init = `#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc none /proc
$b mount -t sysfs none /sys
$b mount -t devtmpfs none /dev
exec </dev/ttyS0 >/dev/ttyS0 2>&1
$b stty -opost
for one in $(echo "$vfs" | $b tr , ' '); do
  # The driver is bound at its own pace.
  for i in 1 2 3 4 5 6 7 8 9; do
    echo "\${one#*=}" > "/sys/bus/pci/devices/\${one%%=*}/sriov_numvfs" && break
    $b sleep 1
  done 2>/dev/null
done
echo "#kernel $($b uname -r)"
$b dmesg | $b grep -E 'root bus resource|failed to assign|: no space for|no compatible bridge window'
cd /sys/bus/pci/devices
echo "#links"
$b ls -l --color=never
echo "#files"
$b grep -H '' */vendor */device */class */s*_bus_number */resource
echo "#groups"
cd /sys/kernel/iommu_groups
$b ls -1 -d --color=never */devices/*
if [ "$collect" = yes ]; then
  $b mkdir -p /tmp /usr/bin
  $b --install -s /bin
  PATH=/bin sh /collect.sh --quiet --no-programs --output /tmp/collected.tar.gz
  echo "#collected"
  $b base64 /tmp/collected.tar.gz
fi
echo "#done"
$b poweroff -f
`;

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly content: Uint8Array;
  readonly device?: readonly [major: number, minor: number];
}

const collector = resolve(import.meta.dirname, '../../../collector/pcie-collect.sh');

/** An initramfs with a static busybox, the script and the collector: a cpio archive in the `newc` form (cpio(5)). */
export function makeInitramfs(busybox: string): Buffer {
  const none = new Uint8Array();
  return archive([
    { name: 'bin', mode: 0o040755, content: none },
    { name: 'dev', mode: 0o040755, content: none },
    { name: 'proc', mode: 0o040755, content: none },
    { name: 'sys', mode: 0o040755, content: none },
    { name: 'dev/console', mode: 0o020600, content: none, device: [5, 1] },
    { name: 'collect.sh', mode: 0o100755, content: readFileSync(collector) },
    { name: 'bin/busybox', mode: 0o100755, content: readFileSync(busybox) },
    { name: 'init', mode: 0o100755, content: Buffer.from(init) },
  ]);
}

function archive(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  for (const [index, entry] of entries.entries()) parts.push(...record(entry, index + 1));
  parts.push(...record({ name: 'TRAILER!!!', mode: 0, content: new Uint8Array() }, 0));
  return Buffer.concat(parts);
}

function record({ name, mode, content, device = [0, 0] }: Entry, inode: number): Buffer[] {
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, device[0], device[1], name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  const head = Buffer.from(`${header}${name}\0`);
  return [padded(head), padded(Buffer.from(content))];
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
