/**
 * Memory for records: taken once, never given back; a run has a memory of its own, and it goes with the run. Fresh
 * memory is zero, so a record begins with zeros, `null` and `false`.
 */
let top: usize = __heap_base;

export function take(bytes: usize): usize {
  const at = (top + 7) & ~7;
  top = at + bytes;
  const missing = <i64>top - ((<i64>memory.size()) << 16);
  if (missing > 0) {
    // By a quarter at least: growing is slow.
    const pages = <i32>((missing + 0xffff) >> 16);
    if (memory.grow(max(pages, memory.size() >> 2)) < 0 && memory.grow(pages) < 0) unreachable();
  }
  return at;
}
