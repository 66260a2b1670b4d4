import type { Sourced } from '../origin.ts';

/** Headers that RoCEv2 adds to a packet, preamble and gap included, in bytes. */
export const packetOverhead: Sourced<number> = {
  value: 8 + 14 + 20 + 8 + 12 + 16 + 4 + 4 + 12,
  source:
    'preamble 8, Ethernet 14, IPv4 20, UDP 8, BTH 12, RETH 16, ICRC 4, FCS 4, gap 12: InfiniBand Architecture ' +
    'Specification annex A17 (RoCEv2) and IEEE 802.3',
};

/** Payload bytes of one packet: the path MTU of RDMA. */
export const pathMtu: Sourced<number> = {
  value: 4096,
  source: 'InfiniBand Architecture Specification, volume 1, section 9: path MTU 256 to 4096',
};

/** Share of the line rate that is payload. */
export const lineEfficiency = (mtu: number = pathMtu.value): number => mtu / (mtu + packetOverhead.value);
