import { type Context, type PropertySchema, property } from './property.ts';
import { flag, integer, oneOf, quantity, type Reader, text, word } from './readers.ts';

/** Work while it is read: plain values by field name, SI units. */
export interface WorkDraft {
  readonly values: Record<string, number | string | boolean>;
}

function field<T extends number | string | boolean>(
  name: string,
  key: string,
  on: readonly Context[],
  reader: Reader<T>,
  doc: string,
  example: string,
): PropertySchema<WorkDraft> {
  return property(
    name,
    on,
    reader.shape,
    doc,
    example,
    (cursor, target) => {
      const value = reader.read(cursor);
      if (value !== undefined) target.values[key] = value;
    },
    { offers: reader.offers },
  );
}

const bytes = quantity('bytes');
const seconds = quantity('seconds');
const rate = quantity('bytesPerSecond');
const count = integer(1, Number.MAX_SAFE_INTEGER);

/** What can be said of transfers, jobs, collectives and pipelines. */
export const workProperties: readonly PropertySchema<WorkDraft>[] = [
  field(
    'size',
    'bytes',
    ['transfer', 'job', 'collective', 'stage', 'namespace'],
    bytes,
    'How many bytes in all.',
    'size 4 GiB',
  ),
  field('block', 'blockBytes', ['transfer', 'job', 'stage'], bytes, 'Bytes of one request.', 'block 1 MiB'),
  field('depth', 'depth', ['transfer', 'job', 'stage'], count, 'Requests in flight.', 'depth 32'),
  field(
    'via',
    'via',
    ['transfer', 'stage', 'job', 'collective'],
    oneOf('auto', 'p2p', 'host'),
    'The way to take: peer-to-peer, through host memory, or what the driver would choose.',
    'via p2p',
  ),
  field(
    'operation',
    'operation',
    ['transfer', 'stage'],
    oneOf('read', 'write'),
    'Whether the initiator reads or writes over PCIe.',
    'operation write',
  ),
  field(
    'start',
    'startSeconds',
    ['transfer', 'job', 'collective', 'process', 'pipeline'],
    seconds,
    'When it starts.',
    'start 5 us',
  ),
  field(
    'alignment',
    'alignmentBytes',
    ['transfer', 'job'],
    bytes,
    'Offset of the addresses from a completion boundary.',
    'alignment 1 B',
  ),
  field(
    'working-set',
    'windowBytes',
    ['transfer'],
    bytes,
    'Memory over which the addresses of the blocks are random; absent: one block after the other.',
    'working-set 64 MiB',
  ),
  field(
    'cached',
    'cached',
    ['transfer'],
    flag,
    'The CPU has just touched the host memory: its caches hold what fits.',
    'cached on',
  ),
  field('pinned', 'pinned', ['transfer', 'process', 'stream'], flag, 'Host memory is page-locked.', 'pinned on'),
  field(
    'repeat',
    'repeat',
    ['transfer', 'stage', 'collective'],
    count,
    'How many times, one after the other.',
    'repeat 100',
  ),
  field(
    'numa',
    'numaNode',
    ['transfer', 'job', 'process'],
    integer(0, 4095),
    'NUMA node of the host memory.',
    'numa 0',
  ),
  field(
    'pattern',
    'pattern',
    ['job'],
    oneOf('read', 'write', 'randread', 'randwrite', 'readwrite', 'randrw', 'append'),
    'Access pattern, as fio names it.',
    'pattern randread',
  ),
  field('jobs', 'jobs', ['job'], count, 'Threads that run the job, as fio’s numjobs.', 'jobs 8'),
  field('namespace', 'namespace', ['job'], word, 'Namespace of the drive; unsaid: its first one.', 'namespace ns1'),
  field('batch', 'batch', ['job'], count, 'Requests handed over by one call, as fio’s iodepth_batch.', 'batch 16'),
  field('runtime', 'runtimeSeconds', ['job', 'collective'], seconds, 'How long it runs.', 'runtime 1 s'),
  field(
    'engine',
    'engine',
    ['job'],
    oneOf('io_uring', 'libaio', 'psync', 'spdk', 'cufile', 'rdma', 'dpdk', 'napi'),
    'Who submits the requests: of a drive the first five, of a NIC verbs, or who empties its rings.',
    'engine io_uring',
  ),
  field('direct', 'direct', ['job'], flag, 'O_DIRECT: past the page cache.', 'direct on'),
  field(
    'polling',
    'polling',
    ['job', 'process', 'stage'],
    flag,
    'Completions are polled, not interrupted; of a stage, those of XDMA.',
    'polling on',
  ),
  property(
    'cores',
    ['job', 'process'],
    '<number>..<number> …',
    'Cores that it runs on.',
    'cores 0..15',
    (cursor, target) => {
      const parts: string[] = [];
      while (!cursor.done) parts.push(cursor.take()?.$cstNode?.text ?? '');
      target.values.cores = parts.join(' ');
    },
  ),
  field(
    'operation',
    'collective',
    ['collective'],
    oneOf('all-reduce', 'all-gather', 'reduce-scatter', 'broadcast', 'all-to-all'),
    'What the collective does.',
    'operation all-reduce',
  ),
  field(
    'algorithm',
    'algorithm',
    ['collective'],
    oneOf('ring', 'tree', 'nvls', 'auto'),
    'How it does it; nvls: in NVSwitches.',
    'algorithm ring',
  ),
  field(
    'rate',
    'bytesPerSecond',
    ['stage', 'job', 'pipeline'],
    rate,
    'Rate at which data arrives or may be sent.',
    'rate 1 GB/s',
  ),
  field(
    'compute',
    'computeSeconds',
    ['stage'],
    seconds,
    'Time of the computation, a block at a time.',
    'compute 300 us',
  ),
  field(
    'every',
    'periodSeconds',
    ['stage', 'pipeline', 'job'],
    seconds,
    'Time from one start to the next.',
    'every 10 ms',
  ),
  property(
    'opens',
    ['process'],
    '"<path>" …',
    'Device nodes that the program opens by name: each must be one that its driver makes.',
    'opens "/dev/nvidia0"',
    (cursor, target) => {
      const paths: string[] = [];
      while (!cursor.done) {
        const path = text.read(cursor);
        if (path === undefined) return;
        paths.push(path);
      }
      target.values.opens = paths.join(' ');
    },
  ),
  field('cold', 'cold', ['process'], flag, 'Making contexts and loading kernels are part of the run.', 'cold on'),
  field(
    'code',
    'code',
    ['process'],
    oneOf('sass', 'ptx'),
    'What kernels come as: machine code, or PTX that the driver compiles at the first launch.',
    'code ptx',
  ),
  field(
    'reconfigure',
    'reconfigure',
    ['stage'],
    oneOf('mcap', 'icap', 'icap-stacked'),
    'The stage loads a partial bitstream of its size into the FPGA: by configuration writes, or by DMA to the port inside.',
    'reconfigure icap',
  ),
  field('instance', 'instance', ['process'], word, 'MIG instance of the GPU that it runs on.', 'instance mig0'),
  field(
    'priority',
    'priority',
    ['stream', 'process'],
    integer(0, 15),
    'Kernels of a higher priority go first within a context; 0 is the lowest. Of a process: of all its streams.',
    'priority 1',
  ),
  field('zones', 'zones', ['namespace'], count, 'Zones of a zoned namespace.', 'zones 904'),
  field('zone-size', 'zoneBytes', ['namespace'], bytes, 'Size of a zone.', 'zone-size 1 GiB'),
  field('open-zones', 'openZones', ['namespace'], count, 'Zones that may be open at once.', 'open-zones 14'),
  field('lba', 'blockBytes', ['namespace'], bytes, 'Logical block size.', 'lba 4 KiB'),
  field('slices', 'slices', ['mig'], integer(1, 7), 'Compute slices of the instance.', 'slices 3'),
  field(
    'memory',
    'memoryBytes',
    ['mig', 'vm'],
    bytes,
    'Memory of the instance or the virtual machine.',
    'memory 40 GiB',
  ),
  field('profile', 'profile', ['mig'], word, 'MIG profile.', 'profile "3g.40gb"'),
  field('vcpus', 'vcpus', ['vm'], count, 'Virtual CPUs.', 'vcpus 64'),
];
