import type { PathJson } from '../../../../server/contract.types.ts';
import type { Tree } from '../layout/tree.ts';

/** What a route goes through, by what it is in the picture, each with the first step at which it is passed. */
export interface Lit {
  readonly nodes: ReadonlyMap<string, number>;
  readonly links: ReadonlyMap<string, number>;
  readonly connections: ReadonlyMap<string, number>;
}

/** Finds the things of a route in the picture. Steps count from 1, as the list beside the picture does. */
export function litBy(path: PathJson, tree: Tree): Lit {
  const nodes = new Map<string, number>();
  const links = new Map<string, number>();
  const connections = new Map<string, number>();
  const knownLinks = new Set(tree.diagram.links.map((link) => link.name));
  const knownConnections = new Map(tree.diagram.connections.map((connection) => [connection.name, connection]));
  const note = (map: Map<string, number>, name: string, step: number) => {
    if (!map.has(name)) map.set(name, step);
  };
  for (const end of [path.from, path.to]) note(nodes, withoutMemory(end), 0);
  for (const [index, hop] of path.hops.entries()) {
    const step = index + 1;
    if (hop.kind === 'link' && knownLinks.has(hop.name)) {
      note(links, hop.name, step);
      // A port is the upper end of its link, a chipset the lower.
      if (tree.byName.has(hop.name)) note(nodes, hop.name, 0);
      continue;
    }
    const connection = knownConnections.get(hop.name);
    if (connection !== undefined) {
      note(connections, hop.name, step);
      // What two connections meet in, such as a switch of NVLink, is on the way as well.
      for (const end of [connection.from, connection.to]) if (tree.byName.has(end)) note(nodes, end, 0);
    } else if (tree.byName.has(withoutMemory(hop.name))) note(nodes, withoutMemory(hop.name), step);
  }
  return { nodes, links, connections };
}

export const withoutMemory = (name: string): string => name.replace(/\.memory$/, '');
