import type { ShowJson, ShowNode } from '../../../server/contract.types.ts';

/** A line of the picker of devices. */
export interface EndChoice {
  readonly label: string;
  readonly description: string;
}

const inner = new Set(['root-port', 'switch', 'port', 'bridge', 'chipset', 'nvswitch']);

/** What a path may lead from and to: devices, and the memory of sockets. */
export function endChoices(machine: ShowJson): readonly EndChoice[] {
  const devices = machine.nodes.filter((node) => !inner.has(node.kind));
  return [
    ...devices
      .filter((node) => node.kind !== 'socket')
      .map((node) => ({ label: node.name, description: describe(node) })),
    ...devices
      .filter((node) => node.kind === 'socket')
      .map((node) => ({ label: `${node.name}.memory`, description: 'host memory' })),
  ];
}

const describe = (node: ShowNode): string => (node.part === null ? node.kind : `${node.kind}, ${node.part}`);
