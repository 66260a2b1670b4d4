import { readAddress } from './address.ts';
import { type ComponentDraft, type PropertySchema, property, say, sayUnknown, setting } from './property.ts';
import { flag, idPair, integer, list, oneOf, quantity } from './readers.ts';

const bytes = quantity('bytes');
const rate = quantity('bytesPerSecond');
const seconds = quantity('seconds');

type P = PropertySchema<ComponentDraft>;

/** Sockets: memory, host bridge, peers. */
export const socketProperties: readonly P[] = [
  property(
    'memory',
    ['socket'],
    '<size> [at <rate>]',
    'Memory of the socket and its bandwidth.',
    'memory 384 GiB at 460 GB/s',
    (cursor, target, place) => {
      if (!sayUnknown(cursor, target, 'memoryBytes')) {
        const size = bytes.read(cursor);
        if (size !== undefined) say(target, 'memoryBytes', size, place.origin);
      }
      if (cursor.takeWord('at')) {
        const speed = rate.read(cursor);
        if (speed !== undefined) say(target, 'memoryBytesPerSecond', speed, place.origin);
      }
    },
    { field: 'memoryBytes' },
  ),
  setting(
    'memory-bandwidth',
    'memoryBytesPerSecond',
    ['socket'],
    rate,
    'Bandwidth of the socket’s memory, all channels.',
    'memory-bandwidth 460 GB/s',
  ),
  setting('memory-channels', 'memoryChannels', ['socket'], integer(1, 64), 'Memory channels.', 'memory-channels 12'),
  setting(
    'memory-latency',
    'memoryLatencySeconds',
    ['socket'],
    seconds,
    'Latency of local memory.',
    'memory-latency 100 ns',
  ),
  setting(
    'nps',
    'nodesPerSocket',
    ['socket'],
    integer(1, 8),
    'NUMA nodes per socket (AMD’s NPS, Intel’s SNC).',
    'nps 1',
  ),
  setting('cores', 'cores', ['socket'], integer(1, 4096), 'Cores of the socket.', 'cores 64'),
  setting(
    'vendor',
    'cpuVendor',
    ['socket'],
    oneOf('intel', 'amd', 'arm', 'nvidia', 'other'),
    'Who makes the CPU: the kernel’s peer-to-peer rules ask.',
    'vendor amd',
  ),
  setting(
    'family',
    'cpuFamily',
    ['socket'],
    integer(0, 0xffff),
    'CPU family as the kernel counts it: 0x17 and later are AMD Zen.',
    'family 0x19',
  ),
  property(
    'host-bridge',
    ['socket'],
    '<vendor>:<device>',
    'ID of the first device on the root bus, which the kernel’s peer-to-peer whitelist asks for.',
    'host-bridge 8086:09a2',
    (cursor, target, place) => {
      if (sayUnknown(cursor, target, 'hostBridgeDeviceId')) return;
      const pair = idPair.read(cursor);
      if (pair === undefined) return;
      say(target, 'hostBridgeVendorId', pair[0], place.origin);
      say(target, 'hostBridgeDeviceId', pair[1], place.origin);
    },
    { field: 'hostBridgeVendorId' },
  ),
  setting('lanes', 'totalLanes', ['socket', 'switch', 'chipset'], integer(1, 1024), 'PCIe lanes in all.', 'lanes 128'),
  property(
    'peer-forwarding',
    ['socket', 'chipset'],
    'none | reads | writes | reads writes',
    'What the root complex forwards between its root ports.',
    'peer-forwarding reads writes',
    (cursor, target, place) => {
      const words = list(oneOf('none', 'reads', 'writes')).read(cursor);
      if (words === undefined) return;
      say(target, 'forwardsPeerReads', words.includes('reads'), place.origin);
      say(target, 'forwardsPeerWrites', words.includes('writes'), place.origin);
    },
    { offers: ['none', 'reads', 'writes'], field: 'forwardsPeerReads' },
  ),
  setting(
    'peer-write-split',
    'peerWriteSplitBytes',
    ['socket'],
    bytes,
    'Largest piece in which the root complex forwards peer writes.',
    'peer-write-split 64 B',
  ),
  setting(
    'peer-bandwidth',
    'peerBytesPerSecond',
    ['socket'],
    rate,
    'What the root complex forwards between its root ports, one way.',
    'peer-bandwidth 50 GB/s',
  ),
  setting(
    'root-complex-latency',
    'rootComplexLatencySeconds',
    ['socket'],
    seconds,
    'Time from a root port to memory or to another root port.',
    'root-complex-latency 250 ns',
  ),
  setting(
    'inter-socket',
    'interconnectTechnology',
    ['socket'],
    oneOf('upi', 'qpi', 'xgmi', 'c2c', 'none'),
    'How this CPU joins others.',
    'inter-socket xgmi',
  ),
  setting(
    'iotlb-entries',
    'ioTlbEntries',
    ['socket'],
    integer(1, 1_048_576),
    'Translations that the IOMMU holds (IO-TLB). Unsaid: 64, as measured of VT-d on a Xeon E5 v4.',
    'iotlb-entries 64',
  ),
  setting(
    'page-walks',
    'pageWalks',
    ['socket'],
    integer(1, 4096),
    'Page walks that the IOMMU serves at a time. Unsaid: 5, as derived for VT-d on a Xeon E5 v4.',
    'page-walks 5',
  ),
  property(
    'inbound-window',
    ['socket'],
    '<size> [at <address>]',
    'Bus addresses at which devices see memory.',
    'inbound-window 64 GiB at 0x1000000000',
    (cursor, target, place) => {
      const size = bytes.read(cursor);
      const base = cursor.takeWord('at') ? readAddress(cursor) : 0n;
      if (size !== undefined && base !== undefined)
        say(target, 'inboundWindow', { base, bytes: BigInt(size) }, place.origin);
    },
    { field: 'inboundWindow' },
  ),
  setting(
    'posted-write-collapse',
    'postedWriteCollapse',
    ['switch'],
    flag,
    'Posted writes that leave by the uplink for several root ports collapse: a defect of some chips, off where not said.',
    'posted-write-collapse on',
  ),
  setting('ports', 'portCount', ['switch'], integer(1, 256), 'Ports of the switch chip.', 'ports 48'),
];
