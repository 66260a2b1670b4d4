import type { Reason } from '../origin.ts';
import type { EndpointRef } from '../work.ts';

/** What the data does between two ends. */
export type RouteKind = 'direct' | 'host-bridge' | 'host-memory' | 'none';

/** What pci_p2pdma says of the pair; `not-peer` where an end is host memory. */
export type PeerMapping = 'bus-address' | 'through-host-bridge' | 'not-supported' | 'not-peer';

/** nvidia-smi's class of a pair: `X` is self, `NV<n>` NVLink. */
export type DistanceClass = 'X' | 'LOC' | 'PIX' | 'PXB' | 'PHB' | 'NODE' | 'SYS' | `NV${number}`;

/** One thing that the data passes, in the order in which the data passes it. */
export type Hop =
  | { readonly kind: 'link'; readonly link: number; readonly direction: 'up' | 'down'; readonly name: string }
  | { readonly kind: 'switch'; readonly component: number; readonly name: string }
  | {
      readonly kind: 'root-complex';
      readonly component: number;
      /** Only the fabric of this socket is passed, none of its root ports. */
      readonly fabricOnly?: boolean;
      readonly name: string;
    }
  | {
      readonly kind: 'interconnect';
      readonly connection: number;
      /** True when the data goes from the connection's `from` to its `to`. */
      readonly forward: boolean;
      /** Connections of the same kind side by side that the traffic is spread over; 1 where absent. */
      readonly parallel?: number;
      readonly name: string;
    }
  | {
      readonly kind: 'memory';
      readonly component: number;
      readonly access: 'read' | 'write';
      readonly name: string;
    };

/** One DMA: a single bus master moves the data along these hops. */
export interface Leg {
  readonly from: EndpointRef;
  readonly to: EndpointRef;
  /** The device that masters the bus, or the socket where a CPU copies. */
  readonly initiator: number;
  /** `write`: posted writes go with the data. `read`: requests go against it, completions with it. */
  readonly operation: 'read' | 'write';
  readonly hops: readonly Hop[];
}

/** A staged route (`host-memory`) has two legs: into host memory and out of it. */
export interface Route {
  readonly from: EndpointRef;
  readonly to: EndpointRef;
  readonly route: RouteKind;
  readonly mapping: PeerMapping;
  /** Distance as calc_map_type_and_dist counts it; null where an end is host memory. */
  readonly distance: number | null;
  readonly class: DistanceClass;
  readonly legs: readonly Leg[];
  /** The chain down to the bit and the port, in the order in which it was decided. */
  readonly reasons: readonly Reason[];
}
