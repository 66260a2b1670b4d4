#!/bin/sh
# Gathers what Linux shows of a machine's PCI Express into one file that `pcie import sysfs FILE` reads.
# POSIX shell: dash, busybox sh, bash. Reads only; what identifies a machine or a part is left out (see --help).
# SYSROOT=<folder> reads <folder>/sys and <folder>/proc instead of the running system's.

set -u
LC_ALL=C
export LC_ALL
umask 077

program=pcie-collect
output=
quiet=no
overwrite=no
only_say=no
programs=auto
root=${SYSROOT:-}
stage=
partial=

usage() {
  cat <<'END'
Usage: pcie-collect.sh [options]

Gathers what Linux shows of this machine's PCI Express into one file, to be read elsewhere with
  pcie import sysfs FILE

  -o, --output FILE   file to write, .tar or .tar.gz (pcie-<time in UTC>.tar.gz in this folder)
  -f, --force         overwrite FILE
  -n, --dry-run       say what would be gathered, and stop
  -q, --quiet         errors only
      --programs      run lspci and nvidia-smi where they are installed (default, except with SYSROOT)
      --no-programs   files only
  -h, --help          this text

It works without root. As root it also sees registers behind the first 64 bytes of each function (capabilities: kinds
of ports, ACS, payload sizes) and the types of IOMMU groups.

Gathered: each PCI function's config space, resources, link, NUMA node, driver, IOMMU group, SR-IOV; names of network,
RDMA, NVMe and graphics devices; NUMA nodes with their cores and memory; the processor's model; the kernel's version and
those of its parameters that concern PCIe; the product's name; output of lspci and `nvidia-smi topo -m`.

Left out: serial numbers (the Device Serial Number capability, Vital Product Data and vendor-specific capabilities are
overwritten with zeros), MAC and IP addresses, GUIDs and UUIDs, the host's name, user names, all other kernel parameters.

Nothing on the machine is changed: no register, no setting. Temporary files are removed.

Exit status: 0 written, 1 nothing to gather or not writable, 2 wrong arguments, 130 interrupted.
END
}

say() { [ "$quiet" = yes ] || printf '%s\n' "$*" >&2; }
fail() {
  printf '%s: %s\n' "$program" "$1" >&2
  exit "${2:-1}"
}
clean() {
  [ -z "$stage" ] || rm -rf "$stage"
  [ -z "$partial" ] || rm -f "$partial"
}
trap clean EXIT
trap 'exit 130' INT HUP TERM

while [ $# -gt 0 ]; do
  case $1 in
    -o | --output)
      [ $# -gt 1 ] || fail "$1 needs a file" 2
      output=$2
      shift
      ;;
    --output=*) output=${1#--output=} ;;
    -f | --force) overwrite=yes ;;
    -n | --dry-run) only_say=yes ;;
    -q | --quiet) quiet=yes ;;
    --programs) programs=yes ;;
    --no-programs) programs=no ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) fail "unknown argument: $1 (see --help)" 2 ;;
  esac
  shift
done

# A running system's programs know nothing of another folder's machine.
[ "$programs" != auto ] || { [ -z "$root" ] && programs=yes || programs=no; }
[ -n "$output" ] || output=pcie-$(date -u +%Y%m%d-%H%M%S).tar.gz
case $output in
  *.tar | *.tar.gz | *.tgz) ;;
  *) fail "$output: the name has to end in .tar or .tar.gz" 2 ;;
esac
for needed in mktemp od awk dd tar readlink; do
  command -v "$needed" >/dev/null 2>&1 || fail "$needed is not installed"
done
case $output in *gz) command -v gzip >/dev/null 2>&1 || fail 'gzip is not installed: use -o FILE.tar' ;; esac
[ "$overwrite" = yes ] || [ ! -e "$output" ] || fail "$output exists: use --force"
[ -d "$root/sys/bus/pci/devices" ] || fail "$root/sys/bus/pci/devices: there is no PCI here"
real_root=
[ -z "$root" ] || real_root=$(cd -P "$root" && pwd -P) || fail "$root: not readable"

count=0
for link in "$root"/sys/bus/pci/devices/*; do [ -d "$link/" ] && count=$((count + 1)); done
[ "$count" -gt 0 ] || fail "$root/sys/bus/pci/devices: there are no PCI functions"

say "Gathering $count PCI functions, NUMA nodes, the processor's model, the kernel's version and PCIe parameters."
if [ "$programs" = yes ]; then say 'Also the output of lspci and nvidia-smi, where installed.'; fi
say 'Left out: serial numbers, MAC and IP addresses, GUIDs, host and user names.'
[ "$(id -u)" = 0 ] || say 'Not root: capabilities will be missing, so kinds of ports, ACS and payload sizes are not told.'
say "File: $output"
[ "$only_say" = no ] || exit 0

stage=$(mktemp -d "${TMPDIR:-/tmp}/pcie-collect.XXXXXX") || fail 'no folder for temporary files'
tree=$stage/tree
mkdir -p "$tree/sys" "$tree/proc" "$tree/programs" || fail "$tree: not writable"

# copy_file FROM TO: what cannot be read is left out. Sizes that sysfs tells are wrong, so bytes are read to their end.
copy_file() {
  [ -f "$1" ] && [ -r "$1" ] || return 0
  cat "$1" >"$2" 2>/dev/null || rm -f "$2"
}
# copy_link FROM TO
copy_link() {
  [ -h "$1" ] || return 0
  ln -s "$(readlink "$1")" "$2"
}

# Overwrites what identifies a part: places in bytes as `offset length`, found by walking both lists of capabilities
# (PCI Express Base Specification, 7.5 and 7.9; ids of include/uapi/linux/pci_regs.h).
secrets_of() {
  od -An -v -tu1 "$1" | awk -v expected="$2" '
    { for (i = 1; i <= NF; i++) byte[size++] = $i }
    END {
      if (size >= 64 && int(byte[6] / 16) % 2) {
        at = byte[14] % 128 == 2 ? byte[20] : byte[52]               # CardBus bridges have the pointer elsewhere
        at -= at % 4
        for (steps = 0; at >= 64 && at + 3 < size && steps < 48; steps++) {
          if (byte[at] == 3) print at + 2, 6                         # Vital Product Data: address and data
          if (byte[at] == 9 && byte[at + 2] > 3) print at + 3, byte[at + 2] - 3  # vendor-specific
          at = byte[at + 1]
          at -= at % 4
        }
      }
      at = 256
      for (steps = 0; at >= 256 && at + 3 < size && steps < 960; steps++) {
        id = byte[at] + 256 * byte[at + 1]
        if (id == 3) print at + 4, 8                                 # Device Serial Number
        if (id == 11 && at + 7 < size) {                             # vendor-specific
          length_ = int(byte[at + 6] / 16) + 16 * byte[at + 7]
          if (length_ > 8) print at + 8, length_ - 8
        }
        at = int(byte[at + 2] / 16) + 16 * byte[at + 3]
        at -= at % 4
      }
      exit size != expected
    }'
}
# Fails where it cannot be sure to have seen every byte.
blank_secrets() {
  bytes=$(($(wc -c <"$1")))
  places=$(secrets_of "$1" "$bytes") || return 1
  [ -n "$places" ] || return 0
  printf '%s\n' "$places" | while read -r offset length; do
    [ $((offset + length)) -le "$bytes" ] || length=$((bytes - offset))
    [ "$length" -le 0 ] ||
      dd if=/dev/zero of="$1" bs=1 seek="$offset" count="$length" conv=notrunc 2>/dev/null || exit 1
  done
}

# Registers as `lspci -xxxx` prints them, from the bytes without secrets.
dump_registers() {
  od -An -v -tx1 "$1" | awk '{
    for (i = 1; i <= NF; i++) {
      if (at % 16 == 0) printf "%s%02x:", at ? "\n" : "", at
      printf " %s", $i
      at++
    }
  } END { print "\n" }'
}

texts='resource class vendor device subsystem_vendor subsystem_device revision numa_node
current_link_speed current_link_width max_link_speed max_link_width secondary_bus_number subordinate_bus_number
sriov_totalvfs sriov_numvfs sriov_offset sriov_stride sriov_vf_device sriov_vf_total_msix sriov_drivers_autoprobe
mem_info_vram_total resource0_resize resource1_resize resource2_resize resource3_resize resource4_resize
resource5_resize'

done_=0
short=0
for link in "$root"/sys/bus/pci/devices/*; do
  path=$(cd -P "$link" 2>/dev/null && pwd -P) || continue
  address=${link##*/}
  inside=${path#"$real_root"/}
  inside=${inside#/}
  to=$tree/$inside
  mkdir -p "$to" || fail "$to: not writable"
  for name in $texts; do
    if [ -f "$path/$name" ]; then copy_file "$path/$name" "$to/$name"; fi
  done
  [ ! -r "$path/uevent" ] || grep -E '^(DRIVER|PCI_[A-Z_]*)=' "$path/uevent" >"$to/uevent" 2>/dev/null
  copy_file "$path/config" "$to/config"
  if [ -f "$to/config" ]; then
    # Better no registers than a serial number.
    blank_secrets "$to/config" || fail "$address: its config space could not be cleaned"
    [ "$(wc -c <"$to/config")" -gt 64 ] || short=$((short + 1))
    { printf '%s\n' "$address"; dump_registers "$to/config"; } >>"$tree/programs/lspci-xxxx.txt"
  fi
  for name in driver iommu_group physfn; do copy_link "$path/$name" "$to/$name"; done
  for service in "$path/$address":pcie*; do
    [ -d "$service" ] || continue
    mkdir "$to/${service##*/}" && : >"$to/${service##*/}/uevent"
  done
  done_=$((done_ + 1))
  [ $((done_ % 50)) -ne 0 ] || say "  $done_ of $count functions"
done
say "  $done_ of $count functions"

# Names; those that are made of a MAC address (systemd: enx…, wlx…) are left out.
for class in net infiniband nvme drm; do
  for link in "$root/sys/class/$class"/*; do
    [ -h "$link" ] || continue
    case ${link##*/} in *x[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]*) continue ;; esac
    case $(readlink "$link") in *pci[0-9a-f]*:*) ;; *) continue ;; esac
    mkdir -p "$tree/sys/class/$class"
    copy_link "$link" "$tree/sys/class/$class/${link##*/}"
  done
done

for node in "$root"/sys/devices/system/node/node[0-9]*; do
  [ -d "$node" ] || continue
  to=$tree/sys/devices/system/node/${node##*/}
  mkdir -p "$to"
  copy_file "$node/cpulist" "$to/cpulist"
  copy_file "$node/distance" "$to/distance"
  [ ! -r "$node/meminfo" ] || grep MemTotal "$node/meminfo" >"$to/meminfo"
done
for cpu in "$root"/sys/devices/system/cpu/cpu[0-9]*; do
  [ -d "$cpu/topology" ] || continue
  to=$tree/sys/devices/system/cpu/${cpu##*/}/topology
  mkdir -p "$to"
  for name in core_id physical_package_id; do
    # The shell reads these itself: there are thousands on a large machine.
    [ -r "$cpu/topology/$name" ] && IFS= read -r value <"$cpu/topology/$name" && printf '%s\n' "$value" >"$to/$name"
  done
done
for group in "$root"/sys/kernel/iommu_groups/[0-9]*; do
  [ -r "$group/type" ] || continue
  mkdir -p "$tree/sys/kernel/iommu_groups/${group##*/}"
  copy_file "$group/type" "$tree/sys/kernel/iommu_groups/${group##*/}/type"
done
say '  nodes, processors, IOMMU groups'

if [ -r "$root/sys/class/dmi/id/product_name" ]; then
  mkdir -p "$tree/sys/class/dmi/id"
  copy_file "$root/sys/class/dmi/id/product_name" "$tree/sys/class/dmi/id/product_name"
fi
# The first processor's lines; a serial number (some ARM boards) is not among them.
[ ! -r "$root/proc/cpuinfo" ] || awk '
  /^(vendor_id|cpu family|model|model name|stepping|CPU implementer|CPU part)[ \t]*:/ {
    key = $0; sub(/[ \t]*:.*/, "", key)
    if (!(key in seen)) print
    seen[key] = 1
  }' "$root/proc/cpuinfo" >"$tree/proc/cpuinfo"
# Behind the version stands who built the kernel, and where.
[ ! -r "$root/proc/version" ] || awk 'NR == 1 { print $1, $2, $3 }' "$root/proc/version" >"$tree/proc/version"
[ ! -r "$root/proc/cmdline" ] || awk '{
  for (i = 1; i <= NF; i++)
    if ($i ~ /^(pci|pcie_[a-z_]+|iommu|iommu\.[a-z_]+|intel_iommu|amd_iommu|amd_iommu_[a-z_]+|arm-smmu[-a-z0-9_.]*|vfio[-a-z_]*\.[a-z_]+|nvme[a-z_]*\.[a-z_]+|numa|numa_balancing|mem|swiotlb|mitigations|hugepages|hugepagesz|default_hugepagesz)(=|$)/)
      line = line (line == "" ? "" : " ") $i
  print line
}' "$root/proc/cmdline" >"$tree/proc/cmdline"

# Text of lspci without serial numbers: Vital Product Data is a block of deeper lines.
without_serials() {
  awk '
    { rest = $0; sub(/^[ \t]+/, "", rest); depth = length($0) - length(rest) }
    hidden && depth > hidden { next }
    { hidden = 0 }
    / Vital Product Data/ { hidden = depth; print; next }
    /Device Serial Number/ { sub(/Device Serial Number.*/, "Device Serial Number (left out)") }
    { print }'
}
if [ "$programs" = yes ]; then
  if command -v lspci >/dev/null 2>&1; then
    say '  lspci'
    if [ -z "$root" ]; then
      lspci -vvv -nn -D 2>/dev/null | without_serials >"$tree/programs/lspci-vvv.txt"
    else
      lspci -A linux-sysfs -O sysfs.path="$root/sys/bus/pci" -vvv -nn -D 2>/dev/null |
        without_serials >"$tree/programs/lspci-vvv.txt"
    fi
  fi
  if command -v nvidia-smi >/dev/null 2>&1; then
    say '  nvidia-smi topo -m'
    nvidia-smi topo -m >"$tree/programs/nvidia-smi-topo.txt" 2>/dev/null || rm -f "$tree/programs/nvidia-smi-topo.txt"
  fi
fi

# Owners by number, so that no account's name is inside; busybox tar lacks these options.
archive=$stage/archive.tar
(
  cd "$tree" || exit 1
  tar --owner=0 --group=0 --numeric-owner -cf "$archive" sys proc programs 2>/dev/null ||
    tar --uid 0 --gid 0 --uname '' --gname '' -cf "$archive" sys proc programs 2>/dev/null ||
    tar -cf "$archive" sys proc programs
) || fail 'tar failed'

# Written beside its place and renamed, so that no half of a file stays behind.
[ -d "$(dirname "$output")" ] || fail "$output: there is no such folder"
partial=$output.part
case $output in
  *gz) gzip -9 -c "$archive" >"$partial" || fail "$output: not writable" ;;
  *) cat "$archive" >"$partial" || fail "$output: not writable" ;;
esac
mv -f "$partial" "$output" || fail "$output: not writable"
partial=

[ "$short" -eq 0 ] || say "Registers of $short functions end after 64 bytes: run as root for the rest."
say "Written: $output ($(($(wc -c <"$output") / 1024)) KiB). Read it with: pcie import sysfs $output"
