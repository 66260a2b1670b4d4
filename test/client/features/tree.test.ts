import { describe, expect, test } from 'vitest';
import { descriptionOf, type MachineNode, tooltipOf, treeOf } from '../../../client/features/tree/nodes.ts';
import type { ShowJson } from '../../../server/contract.types.ts';

const node = (name: string, kind: string, parent: string | null, more: object = {}) => ({
  name,
  kind,
  parent,
  part: null,
  numaNode: null,
  link: null,
  acs: null,
  group: null,
  ...more,
});
const link = (generation: number, lanes: number) => ({
  generation,
  lanes,
  capable: { generation: 4, lanes: 16 },
  limitedBy: null,
});
const shown = {
  machine: 'server',
  nodes: [
    node('cpu0', 'socket', null),
    node('cpu0.rp0', 'root-port', 'cpu0', { link: link(4, 16) }),
    node('cpu0.rp0.gpu0', 'gpu', 'cpu0.rp0', { part: 'a100-pcie-80gb', link: link(4, 16) }),
    node('cpu0.rp1', 'root-port', 'cpu0', { link: { ...link(4, 8), limitedBy: 'cpu0.rp1' } }),
  ],
} as unknown as ShowJson;

const flat = (at: MachineNode): string[] => [
  `${'  '.repeat(at.depth)}${at.label} ${descriptionOf(at)}${at.isLow ? ' !' : ''}`.trimEnd(),
  ...at.children.flatMap(flat),
];

describe('the machine as a tree', () => {
  test('nests as the machine is, with parts, links and what runs low', () => {
    expect(flat(treeOf(shown))).toEqual([
      'server',
      '  cpu0 socket',
      '    rp0 Gen4 x16',
      '      gpu0 a100-pcie-80gb',
      '    rp1 Gen4 x8 !',
    ]);
  });
  test('says why a link runs low', () => {
    const [socket] = treeOf(shown).children;
    const [full, low] = socket?.children ?? [];
    expect([full, low, full?.children[0]].map((one) => (one === undefined ? '' : tooltipOf(one)))).toEqual([
      'cpu0.rp0: root port\nLink: Gen4 x16',
      'cpu0.rp1: root port\nLink: Gen4 x8 where Gen4 x16 could be, limited by cpu0.rp1',
      'cpu0.rp0.gpu0: gpu a100-pcie-80gb\nLink: Gen4 x16',
    ]);
  });
});
