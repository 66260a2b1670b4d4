/**
 * How a command says where its data lies in memory. PRP (NVMe Base Specification 2.0, section 4.1.1): one entry a memory
 * page; two fit into the command, more stand in a list that the drive reads first, page by page. SGL (section 4.1.2): one
 * descriptor of 16 B a piece that is contiguous.
 */
export interface Descriptors {
  readonly kind: 'prp' | 'prp-list' | 'sgl';
  readonly entries: number;
  /** Reads of lists before the data can move, one after the other. */
  readonly listReads: number;
  readonly listBytes: number;
}

const prpBytes = 8;
const sglBytes = 16;
/** Linux uses lists from this mean segment on: `sgl_threshold` in drivers/nvme/host/pci.c. */
const sglThresholdBytes = 32768;

/**
 * @param bytes of the command
 * @param pageBytes of host memory, as CC.MPS says
 * @param segments pieces that are contiguous in memory
 * @param offsetBytes of the data in its first page
 */
export function describeData(
  bytes: number,
  pageBytes: number,
  segments: number,
  scatterGather: boolean,
  offsetBytes = 0,
): Descriptors {
  if (scatterGather && bytes / Math.max(1, segments) >= sglThresholdBytes) {
    if (segments <= 1) return { kind: 'sgl', entries: 1, listReads: 0, listBytes: 0 };
    const perPage = pageBytes / sglBytes;
    // The last descriptor of a full page points to the next page.
    const pages = segments <= perPage ? 1 : Math.ceil((segments - 1) / (perPage - 1));
    return { kind: 'sgl', entries: segments, listReads: pages, listBytes: (segments + pages - 1) * sglBytes };
  }
  const entries = Math.ceil((offsetBytes + bytes) / pageBytes);
  if (entries <= 2) return { kind: 'prp', entries, listReads: 0, listBytes: 0 };
  // The first entry stands in the command, the rest in lists whose last entry points on.
  const listed = entries - 1;
  const perPage = pageBytes / prpBytes;
  const pages = listed <= perPage ? 1 : Math.ceil((listed - 1) / (perPage - 1));
  return { kind: 'prp-list', entries, listReads: pages, listBytes: (listed + pages - 1) * prpBytes };
}
