import type { ObservedLinux } from '../observed.ts';
import { type FileTree, textOf } from './files.ts';

/** The kernel's version, its command line, and the mode of the IOMMU by the types of its groups. */
export function readLinux(files: FileTree): ObservedLinux {
  const find = (shape: RegExp) => {
    const path = [...files.keys()].find((one) => shape.test(one));
    return path === undefined ? undefined : textOf(files, path);
  };
  const version = /^Linux version (\S+)/.exec(find(/(?:^|\/)proc\/version$/) ?? '')?.[1];
  const commandLine = find(/(?:^|\/)proc\/cmdline$/);
  const iommu = iommuMode(files);
  return {
    ...(version === undefined ? {} : { version }),
    ...(iommu === undefined ? {} : { iommu }),
    ...(commandLine === undefined || commandLine === '' ? {} : { commandLine }),
  };
}

/** `identity` in most groups is passthrough; `DMA` and `DMA-FQ` translate (Documentation/ABI/testing/sysfs-kernel-iommu_groups). */
function iommuMode(files: FileTree): ObservedLinux['iommu'] {
  let identity = 0;
  let translated = 0;
  for (const path of files.keys()) {
    if (!/(?:^|\/)iommu_groups\/\d+\/type$/.test(path)) continue;
    const type = textOf(files, path);
    if (type === 'identity') identity++;
    else if (type?.startsWith('DMA')) translated++;
  }
  if (identity + translated === 0) return undefined;
  return identity > translated ? 'passthrough' : 'translate';
}

/** The host's name, or the product's. */
export function readMachineName(files: FileTree): string | undefined {
  for (const shape of [/(?:^|\/)proc\/sys\/kernel\/hostname$/, /(?:^|\/)dmi\/id\/product_name$/]) {
    const path = [...files.keys()].find((one) => shape.test(one));
    const name = path === undefined ? undefined : textOf(files, path);
    if (name !== undefined && name !== '') return name;
  }
  return undefined;
}
