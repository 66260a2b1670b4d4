import { describe, expect, test } from 'vitest';
import { foldedTable } from '../../cli/commands/matrix.ts';

const names = ['gpu0', 'gpu1', 'gpu2', 'nic0'];
const rows = names.map((_, row) => names.map((_name, column) => (row === column ? 'X' : 'through-host-bridge 4')));

describe('a matrix on a terminal', () => {
  test('a pipe has it whole', () => {
    const lines = foldedTable(names, rows, Number.POSITIVE_INFINITY).split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]?.trim().split(/\s+/)).toEqual(names);
  });
  test.each([40, 60, 80, 100])('%i columns', (width) => {
    const pieces = foldedTable(names, rows, width).split('\n\n');
    const heads = pieces.map((piece) => piece.split('\n')[0]?.trim().split(/\s+/) ?? []);
    expect(heads.flat()).toEqual(names);
    for (const piece of pieces) {
      const lines = piece.split('\n');
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      expect(lines.slice(2).map((line) => line.split(' ')[0])).toEqual(names);
    }
  });
  test('a column that does not fit stands alone', () => {
    expect(foldedTable(names, rows, 10).split('\n\n')).toHaveLength(names.length);
  });
});
