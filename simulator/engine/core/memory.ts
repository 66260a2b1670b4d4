/**
 * Memory for records: taken once, never given back; a run has a memory of its own, and it goes with the run. Fresh
 * memory is zero, so a record begins with zeros, `null` and `false`.
 */
let top: usize = __heap_base;

/** A processor's line: what is read together stands in one. */
export const line: usize = 64;

export function take(bytes: usize, alignment: usize = 8): usize {
  const at = (top + alignment - 1) & ~(alignment - 1);
  top = at + bytes;
  const missing = <i64>top - ((<i64>memory.size()) << 16);
  if (missing > 0) {
    // Twice as much at least: growing is slow, and what is not touched takes no memory.
    const pages = <i32>((missing + 0xffff) >> 16);
    if (memory.grow(max(pages, memory.size())) < 0 && memory.grow(pages) < 0) unreachable();
  }
  return at;
}
