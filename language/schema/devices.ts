import { endpointKinds, storage } from './kinds.ts';
import { type ComponentDraft, type PropertySchema, property, say, setting } from './property.ts';
import { flag, integer, oneOf, quantity, word } from './readers.ts';

const bytes = quantity('bytes');
const rate = quantity('bytesPerSecond');
const seconds = quantity('seconds');
const iops = quantity('iops');

type P = PropertySchema<ComponentDraft>;

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
  setting(
    'context-switch',
    'contextSwitchSeconds',
    ['gpu'],
    seconds,
    'Time that the GPU loses when another context gets its turn. Nobody publishes one: unsaid, none is lost.',
    'context-switch 50 us',
  ),
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
  setting(
    'over-provisioning',
    'overProvisioning',
    ['nvme', 'sata'],
    quantity('fraction'),
    'Flash beyond what hosts can write, as a share of the latter: what random writes are amplified by follows from it.',
    'over-provisioning 28 %',
  ),
  setting(
    'write-cache',
    'writeCacheBytes',
    ['nvme', 'sata'],
    bytes,
    'Writes that the drive takes at the rate of its link before the flash limits; unsaid: what the flash takes in a millisecond.',
    'write-cache 2 GiB',
  ),
  setting(
    'mapping-unit',
    'mappingUnitBytes',
    ['nvme', 'sata'],
    bytes,
    'Bytes that the drive maps as one; smaller random writes cost as much as one of this size.',
    'mapping-unit 16 KiB',
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
    ['nvme', 'sata', 'gpu', 'fpga', 'nic'],
    '<number>..<number> …',
    'Cores to which the interrupt vectors are bound in turn; unsaid: as the kernel spreads them, for a GPU one vector.',
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
