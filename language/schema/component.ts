import type { LaneCount } from '../../model/link/generation.ts';
import { type AcsBit, acsBits, type ComponentKind } from '../../model/machine.ts';
import {
  type ComponentDraft,
  type Context,
  type PropertySchema,
  property,
  say,
  sayUnknown,
  setting,
} from './property.ts';
import {
  decimalNumber,
  flag,
  generation,
  idPair,
  integer,
  integerRange,
  lanes,
  list,
  oneOf,
  quantity,
  word,
} from './readers.ts';

export const endpointKinds: readonly ComponentKind[] = ['gpu', 'nvme', 'nic', 'fpga', 'sata', 'nvswitch', 'device'];
export const portKinds: readonly ComponentKind[] = ['root-port', 'port'];
const functions: readonly Context[] = [...endpointKinds, 'switch', 'bridge', 'root-port', 'port'];
const linked: readonly Context[] = [...endpointKinds, 'switch', 'bridge', 'root-port', 'port', 'chipset'];
const bytes = quantity('bytes');
const rate = quantity('bytesPerSecond');
const seconds = quantity('seconds');
const iops = quantity('iops');
const count = integer(0, Number.MAX_SAFE_INTEGER);
const storage: readonly Context[] = ['nvme', 'sata', 'device'];

type P = PropertySchema<ComponentDraft>;

/** Links: what each end, the slot and the channel can do. */
export const linkProperties: readonly P[] = [
  property(
    'link',
    linked,
    'gen<n> x<n>',
    'What this end of the link can do at most.',
    'link gen4 x16',
    (cursor, target, place) => {
      while (!cursor.done && cursor.peekWord()?.startsWith('gen')) {
        const value = generation.read(cursor);
        if (value !== undefined) say(target, 'generation', value, place.origin);
      }
      if (!cursor.done) {
        if (sayUnknown(cursor, target, 'generation')) return;
        const value = lanes.read(cursor);
        if (value !== undefined) say(target, 'lanes', value, place.origin);
      }
    },
    { offers: ['gen3', 'gen4', 'gen5'], field: 'generation' },
  ),
  setting(
    'wired',
    'wiredLanes',
    linked,
    lanes,
    'Lanes that are wired to the slot, where fewer than its connector has.',
    'wired x8',
  ),
  setting('slot', 'slotLanes', linked, lanes, 'Mechanical width of the slot.', 'slot x16'),
  property(
    'trained',
    linked,
    'gen<n> x<n> [idle]',
    'What the link runs at, as read from the machine. `idle`: read while the device rested.',
    'trained gen3 x8',
    (cursor, target, place) => {
      const g = generation.read(cursor);
      const l = cursor.done || cursor.peekWord() === 'idle' ? undefined : lanes.read(cursor);
      if (g !== undefined) say(target, 'trainedGeneration', g, place.origin);
      if (l !== undefined) say(target, 'trainedLanes', l, place.origin);
      if (cursor.takeWord('idle')) say(target, 'trainedIdle', true, place.origin);
    },
    { offers: ['gen3', 'gen4', 'gen5'], field: 'trainedGeneration' },
  ),
  setting(
    'forced',
    'forcedGeneration',
    linked,
    generation,
    'Speed limit set by hand: Target Link Speed, firmware or device tree.',
    'forced gen3',
  ),
  setting(
    'channel',
    'channelGeneration',
    linked,
    generation,
    'What the cable, riser or connector is rated for.',
    'channel gen4',
  ),
  setting(
    'bifurcation',
    'bifurcation',
    portKinds,
    list(lanes),
    'How the lanes of the slot are divided.',
    'bifurcation x8 x4 x4',
  ),
  property(
    'bifurcation-supported',
    ['root-port', 'port', 'socket', 'chipset'],
    'x<n> …',
    'A division that the port supports; one line each.',
    'bifurcation-supported x8 x8',
    (cursor, target, place) => {
      const division = list(lanes).read(cursor);
      if (division === undefined) return;
      const before: readonly (readonly LaneCount[])[] = target.settings.bifurcationSupported ?? [];
      say(target, 'bifurcationSupported', [...before, division], place.origin);
    },
    { repeatable: true, field: 'bifurcationSupported' },
  ),
  setting('retimers', 'retimers', linked, integer(0, 2), 'Retimers between the two ends.', 'retimers 1'),
  setting(
    'bit-error-rate',
    'bitErrorRate',
    linked,
    decimalNumber(),
    'Errors per bit on the wire.',
    'bit-error-rate 1e-12',
  ),
  setting(
    'aspm',
    'aspm',
    linked,
    oneOf('off', 'l0s', 'l1', 'l0s-l1'),
    'Active State Power Management of the link.',
    'aspm off',
  ),
];

/** Who a function is, and where it sits. */
export const identityProperties: readonly P[] = [
  property(
    'id',
    [...functions, 'socket', 'chipset'],
    '<vendor>:<device>',
    'Vendor and device ID, as `lspci -n` prints them.',
    'id 10de:20b5',
    (cursor, target, place) => {
      if (sayUnknown(cursor, target, 'deviceId')) return;
      const pair = idPair.read(cursor);
      if (pair === undefined) return;
      say(target, 'vendorId', pair[0], place.origin);
      say(target, 'deviceId', pair[1], place.origin);
    },
    { field: 'vendorId' },
  ),
  property(
    'subsystem',
    functions,
    '<vendor>:<device>',
    'Subsystem vendor and device ID.',
    'subsystem 10de:1533',
    (cursor, target, place) => {
      const pair = idPair.read(cursor);
      if (pair === undefined) return;
      say(target, 'subsystemVendorId', pair[0], place.origin);
      say(target, 'subsystemDeviceId', pair[1], place.origin);
    },
    { field: 'subsystemVendorId' },
  ),
  setting(
    'class',
    'classCode',
    functions,
    integer(0, 0xffffff),
    'Class code: base class, subclass, interface.',
    'class 0x030200',
  ),
  setting(
    'segment',
    'segment',
    ['socket'],
    // Linux numbers the domains of Intel VMD from 0x10000 (drivers/pci/controller/vmd.c, vmd_find_free_domain).
    integer(0, 0xffffffff),
    'PCI segment (domain) of the root complex.',
    'segment 0',
  ),
  setting('bus', 'bus', ['socket'], integer(0, 255), 'Bus number of the host bridge.', 'bus 0x40'),
  setting(
    'bus-range',
    'busRange',
    ['socket', 'root-port', 'port', 'switch', 'bridge'],
    integerRange,
    'Bus numbers that the host bridge decodes.',
    'bus-range 0x00..0x7f',
  ),
  setting(
    'device-number',
    'deviceNumber',
    functions,
    integer(0, 31),
    'Device number on its bus.',
    'device-number 0x1c',
  ),
  setting(
    'function-number',
    'functionNumber',
    functions,
    integer(0, 7),
    'Function number in its device.',
    'function-number 2',
  ),
  setting('hotplug', 'hotplug', portKinds, flag, 'Whether the slot is hot-plug capable.', 'hotplug on'),
  setting('numa', 'numaNode', ['socket', 'root-port', ...endpointKinds], integer(0, 4095), 'NUMA node.', 'numa 0'),
  setting(
    'external-facing',
    'externalFacing',
    portKinds,
    flag,
    'The port leads out of the box, as Thunderbolt ports do.',
    'external-facing on',
  ),
];

/** Transaction-layer settings. */
export const transactionProperties: readonly P[] = [
  setting(
    'max-payload-supported',
    'maxPayloadSupportedBytes',
    [...linked, 'socket'],
    bytes,
    'Largest payload that the function supports (Device Capabilities).',
    'max-payload-supported 512 B',
  ),
  setting('mps', 'maxPayloadBytes', linked, bytes, 'Max_Payload_Size as set (Device Control).', 'mps 256 B'),
  setting('mrrs', 'maxReadRequestBytes', linked, bytes, 'Max_Read_Request_Size as set (Device Control).', 'mrrs 512 B'),
  setting(
    'rcb',
    'readCompletionBoundaryBytes',
    [...linked, 'socket'],
    bytes,
    'Read Completion Boundary: 64 or 128 bytes.',
    'rcb 64 B',
  ),
  setting('extended-tags', 'extendedTags', linked, flag, '8-bit tags.', 'extended-tags on'),
  setting('ten-bit-tags', 'tenBitTags', linked, flag, '10-bit tags.', 'ten-bit-tags on'),
  setting('relaxed-ordering', 'relaxedOrdering', linked, flag, 'Relaxed Ordering enabled.', 'relaxed-ordering on'),
  setting('atomics', 'atomics', linked, flag, 'AtomicOp routing or completion.', 'atomics on'),
  setting('ats', 'ats', linked, flag, 'Address Translation Services.', 'ats on'),
  setting('pasid', 'pasid', linked, flag, 'Process Address Space IDs.', 'pasid on'),
  setting('ari', 'ari', linked, flag, 'Alternative Routing-ID Interpretation.', 'ari on'),
  setting(
    'integrated',
    'integrated',
    endpointKinds,
    flag,
    'On a root bus: a Root Complex Integrated Endpoint, or a function of conventional PCI. Unsaid: by its class.',
    'integrated off',
  ),
  setting('dma-bits', 'dmaBits', endpointKinds, integer(24, 64), 'Address width of the DMA engine.', 'dma-bits 47'),
  setting(
    'outstanding-reads',
    'outstandingReads',
    [...linked, 'socket'],
    count,
    'Reads that the device keeps in flight.',
    'outstanding-reads 256',
  ),
  setting(
    'latency',
    'latencySeconds',
    linked,
    seconds,
    'Time through a switch or chipset port to port, or of the device itself.',
    'latency 105 ns',
  ),
];

/** Access control. */
export const acsProperties: readonly P[] = [
  property(
    'acs',
    ['root-port', 'port', 'switch', ...endpointKinds],
    `off | none | default | (${acsBits.join(' | ')}) …`,
    'ACS after boot: cleared, absent, as firmware and kernel leave it, or exactly these bits. On a switch: for all its ports.',
    'acs off',
    (cursor, target, place) => {
      target.acsOrigin = place.origin;
      for (const setting of ['off', 'none', 'default'] as const) {
        if (cursor.takeWord(setting)) {
          target.acs = setting;
          return;
        }
      }
      const bits = list(oneOf(...acsBits)).read(cursor);
      if (bits !== undefined) target.acs = sortBits(bits);
    },
    { offers: ['off', 'none', 'default', ...acsBits] },
  ),
  property(
    'acs-capable',
    ['root-port', 'port', 'switch', ...endpointKinds],
    `(${acsBits.join(' | ')}) …`,
    'Bits of the ACS capability.',
    'acs-capable SV TB RR CR UF',
    (cursor, target) => {
      const bits = list(oneOf(...acsBits)).read(cursor);
      if (bits !== undefined) target.acsCapability = sortBits(bits);
    },
    { offers: acsBits },
  ),
];

function sortBits(bits: readonly AcsBit[]): AcsBit[] {
  return acsBits.filter((bit) => bits.includes(bit));
}

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

/** An address in hexadecimal; reports and returns undefined where it is not one. */
export function readAddress(cursor: Parameters<P['apply']>[0]): bigint | undefined {
  const found = cursor.peekWord();
  if (found !== undefined && /^0x[0-9a-f]+$/i.test(found)) {
    cursor.take();
    return BigInt(found);
  }
  cursor.problem({ code: 'language/bad-value', message: 'Expected an address such as 0x380000000000.' });
  cursor.take();
  return undefined;
}

/** What devices have inside. */
export const deviceProperties: readonly P[] = [
  setting('vram', 'vramBytes', ['gpu'], bytes, 'Memory of the GPU.', 'vram 80 GiB'),
  setting(
    'vram-bandwidth',
    'vramBytesPerSecond',
    ['gpu'],
    rate,
    'Bandwidth of the GPU’s memory.',
    'vram-bandwidth 2039 GB/s',
  ),
  setting('vram-bar', 'vramBar', ['gpu'], integer(0, 5), 'The BAR that opens onto the VRAM.', 'vram-bar 1'),
  setting(
    'driver',
    'driver',
    ['gpu'],
    oneOf('nvidia', 'nvidia-open', 'nouveau', 'amdgpu', 'i915', 'xe', 'vfio-pci', 'none'),
    'Kernel driver of the GPU.',
    'driver nvidia-open',
  ),
  setting(
    'peer-to-peer',
    'peerToPeer',
    endpointKinds,
    flag,
    'Whether the driver lets this device take part in peer-to-peer.',
    'peer-to-peer on',
  ),
  setting('copy-engines', 'copyEngines', ['gpu'], integer(1, 32), 'Copy engines.', 'copy-engines 2'),
  setting('gsp', 'gspFirmware', ['gpu'], flag, 'GSP firmware in use.', 'gsp on'),
  setting(
    'compute-capability',
    'computeCapability',
    ['gpu'],
    word,
    'CUDA compute capability.',
    'compute-capability "8.0"',
  ),
  setting('capacity', 'capacityBytes', storage, bytes, 'Capacity of the drive.', 'capacity 3.84 TB'),
  setting(
    'read-bandwidth',
    'readBytesPerSecond',
    [...storage, 'fpga'],
    rate,
    'Sequential reads, at most.',
    'read-bandwidth 6.5 GB/s',
  ),
  setting(
    'write-bandwidth',
    'writeBytesPerSecond',
    [...storage, 'fpga'],
    rate,
    'Sequential writes, at most.',
    'write-bandwidth 3.5 GB/s',
  ),
  setting(
    'read-iops',
    'readIops',
    [...storage, 'nic', 'fpga'],
    iops,
    'Reads a second, at most: random ones of 4 KiB for a drive, any that its engine starts for another device.',
    'read-iops 900 kIOPS',
  ),
  setting(
    'write-iops',
    'writeIops',
    [...storage, 'nic', 'fpga'],
    iops,
    'Writes a second, at most: random ones of 4 KiB for a drive, any that its engine starts for another device.',
    'write-iops 180 kIOPS',
  ),
  setting(
    'read-latency',
    'readLatencySeconds',
    storage,
    seconds,
    'A 4 KiB read at queue depth 1.',
    'read-latency 80 us',
  ),
  setting(
    'write-latency',
    'writeLatencySeconds',
    storage,
    seconds,
    'A 4 KiB write at queue depth 1.',
    'write-latency 15 us',
  ),
  setting('queue-pairs', 'queuePairs', storage, integer(1, 65535), 'I/O queue pairs.', 'queue-pairs 128'),
  setting('queue-depth', 'queueDepth', storage, integer(1, 65536), 'Entries of a queue.', 'queue-depth 1024'),
  setting(
    'msix',
    'msixVectors',
    [...endpointKinds, 'switch', 'root-port', 'port'],
    integer(0, 2048),
    'MSI-X vectors.',
    'msix 129',
  ),
  setting(
    'sgl',
    'scatterGather',
    ['nvme'],
    flag,
    'Takes scatter-gather lists: one descriptor for what is contiguous; off: PRPs, one a page.',
    'sgl on',
  ),
  setting('cmb', 'controllerMemoryBufferBytes', ['nvme'], bytes, 'Controller memory buffer.', 'cmb 64 MiB'),
  property(
    'interrupt-coalescing',
    ['nvme'],
    '<completions> <time>',
    'Completions that an interrupt waits for, and how long at most.',
    'interrupt-coalescing 8 100 us',
    (cursor, target, place) => {
      const threshold = integer(1, 256).read(cursor);
      const time = quantity('seconds').read(cursor);
      if (threshold !== undefined && time !== undefined)
        say(target, 'interruptCoalescing', { threshold, seconds: time }, place.origin);
    },
    { field: 'interruptCoalescing' },
  ),
  property(
    'interrupt-cores',
    ['nvme', 'sata'],
    '<number>..<number> …',
    'Cores to which the interrupt vectors are bound in turn; unsaid: as the kernel spreads them.',
    'interrupt-cores 0..7',
    (cursor, target, place) => {
      const cores: number[] = [];
      while (!cursor.done) {
        const text = cursor.take()?.$cstNode?.text ?? '';
        const [low = Number.NaN, high = low] = text.split('..').map(Number);
        if (!Number.isInteger(low) || !Number.isInteger(high) || high < low || high - low > 4095) {
          cursor.problem({
            code: 'language/bad-value',
            message: `'${text}' is no core and no range of cores, like 0 or 0..7.`,
          });
          return;
        }
        for (let core = low; core <= high; core++) cores.push(core);
      }
      if (cores.length > 0) say(target, 'interruptCores', cores, place.origin);
    },
    { field: 'interruptCores' },
  ),
  setting('zoned', 'zoned', ['nvme'], flag, 'Zoned namespaces (ZNS).', 'zoned on'),
  setting('network-ports', 'networkPorts', ['nic'], integer(1, 16), 'Network ports.', 'network-ports 2'),
  setting('line-rate', 'lineRateBytesPerSecond', ['nic'], rate, 'Rate of one network port.', 'line-rate 200 Gb/s'),
  setting('gpudirect-rdma', 'gpuDirectRdma', ['nic'], flag, 'The NIC can reach GPU memory.', 'gpudirect-rdma on'),
  property(
    'xdma',
    ['fpga'],
    'h2c <n> c2h <n>',
    'XDMA channels, host to card and card to host.',
    'xdma h2c 4 c2h 4',
    (cursor, target, place) => {
      const channels = integer(0, 4);
      while (!cursor.done) {
        const direction = oneOf('h2c', 'c2h').read(cursor);
        const number = channels.read(cursor);
        if (direction !== undefined && number !== undefined) {
          say(target, direction === 'h2c' ? 'h2cChannels' : 'c2hChannels', number, place.origin);
        }
      }
    },
    { offers: ['h2c'], field: 'h2cChannels' },
  ),
];
