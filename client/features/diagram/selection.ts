import type { Diagram, DiagramNode } from '../../../server/diagram/diagram.types.ts';
import type { WireRange } from '../../../server/protocol.ts';

interface Position {
  readonly line: number;
  readonly character: number;
}

/**
 * What the cursor is in: the nodes of the innermost statement around it. Several for an array; for the use of a
 * template what stands directly in it.
 */
export function nodesAt(diagram: Diagram, uri: string, at: Position): readonly string[] {
  let best: readonly DiagramNode[] = [];
  let bestRange: WireRange | null = null;
  for (const node of diagram.nodes) {
    const range = node.place.uri === uri && contains(node.place.range, at) ? node.place.range : node.usedAt;
    if (range === null || (diagram.uri !== uri && range === node.usedAt) || !contains(range, at)) continue;
    if (bestRange !== null && same(range, bestRange)) best = [...best, node];
    else if (bestRange === null || contains(bestRange, range.start)) {
      best = [node];
      bestRange = range;
    }
  }
  const names = new Set(best.map((node) => node.name));
  return best.filter((node) => node.parent === null || !names.has(node.parent)).map((node) => node.name);
}

function contains({ start, end }: WireRange, at: Position): boolean {
  const after = at.line > start.line || (at.line === start.line && at.character >= start.character);
  const before = at.line < end.line || (at.line === end.line && at.character <= end.character);
  return after && before;
}

const same = (a: WireRange, b: WireRange): boolean =>
  a.start.line === b.start.line &&
  a.start.character === b.start.character &&
  a.end.line === b.end.line &&
  a.end.character === b.end.character;
