import { linkPrefix } from './tar.ts';
import { textOfBytes } from './text.ts';

/** Files of a gathered `/sys` and `/proc`, by path from wherever it was gathered. */
export type FileTree = ReadonlyMap<string, Uint8Array>;

/** The text of a file without white space at its ends; undefined where there is none, or where it is a link. */
export function textOf(files: FileTree, path: string): string | undefined {
  const bytes = files.get(path);
  if (bytes === undefined) return undefined;
  const text = textOfBytes(bytes);
  return text.startsWith(linkPrefix) ? undefined : text.replace(/\0+$/, '').trim();
}

/** Where a symbolic link leads, or undefined. */
export function targetOf(files: FileTree, path: string): string | undefined {
  const bytes = files.get(path);
  if (bytes === undefined || bytes[0] !== 0) return undefined;
  const text = textOfBytes(bytes);
  return text.startsWith(linkPrefix) ? text.slice(linkPrefix.length) : undefined;
}

const deviceFiles =
  /^(?:config|resource\d?_resize|resource|class|vendor|device|subsystem_vendor|subsystem_device|revision|numa_node|uevent|local_cpus|local_cpulist|(?:current|max)_link_(?:speed|width)|(?:secondary|subordinate)_bus_number|sriov_\w+|driver|iommu_group|physfn|mem_info_vram_total)$/;

/**
 * Whether a file of `/sys` or `/proc` is one that is read: whoever gathers a live tree leaves the others alone, since some
 * of them block or change something when they are read.
 */
export function isWanted(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/(?:^|\/)[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\/[^/]+$/.test(path)) return deviceFiles.test(name);
  if (/\.[0-7]\/(?:net|infiniband|nvme|drm|accel|misc)\/[^/]+\/(?:uevent|dev|address|node_guid)$/.test(path))
    return true;
  if (/:pcie[0-9a-f]{3}\/uevent$/.test(path)) return true;
  if (/(?:^|\/)class\/(?:net|infiniband|nvme|drm)\/[^/]+$/.test(path)) return true;
  if (/(?:^|\/)class\/dmi\/id\/product_name$/.test(path)) return true;
  if (/(?:^|\/)dmi\/id\/product_name$/.test(path)) return true;
  if (/(?:^|\/)system\/cpu\/cpu\d+\/topology\/(?:core_id|physical_package_id)$/.test(path)) return true;
  if (/(?:^|\/)system\/node\/node\d+\/(?:cpulist|cpumap|meminfo)$/.test(path)) return true;
  if (/(?:^|\/)programs\/(?:lspci-vvv|nvidia-smi-topo)\.txt$/.test(path)) return true;
  if (/(?:^|\/)iommu_groups\/\d+\/type$/.test(path)) return true;
  return /(?:^|\/)proc\/(?:cmdline|cpuinfo|version|sys\/kernel\/hostname)$/.test(path);
}
