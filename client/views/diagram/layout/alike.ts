import type { Box, Layout, Wire } from './layout.types.ts';

/** Whether everything stands where it stood: then nothing has to be moved. */
export function isAlike(before: Layout, now: Layout): boolean {
  if (before.boxes.size !== now.boxes.size || before.wires.length !== now.wires.length) return false;
  if (before.bars.length !== now.bars.length || before.rowStarts.size !== now.rowStarts.size) return false;
  if (before.missing !== null || now.missing !== null || before.cells.size !== now.cells.size) return false;
  for (const [name, box] of now.boxes) {
    const was = before.boxes.get(name);
    if (was === undefined || !isSameBox(was, box)) return false;
  }
  return (
    now.wires.every((wire, index) => isSameWire(before.wires[index], wire)) &&
    now.bars.every((bar, index) => {
      const was = before.bars[index];
      return was?.name === bar.name && was.x === bar.x && was.y === bar.y && was.width === bar.width;
    })
  );
}

export const isSameBox = (a: Box, b: Box): boolean =>
  a === b ||
  (a.x === b.x &&
    a.y === b.y &&
    a.width === b.width &&
    a.height === b.height &&
    a.folded === b.folded &&
    a.shape === b.shape);

export const isSameWire = (a: Wire | undefined, b: Wire): boolean =>
  a === b ||
  (a?.name === b.name && a.link === b.link && a.x === b.x && a.from === b.from && a.to === b.to && a.used === b.used);
