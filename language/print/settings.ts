import type { ComponentKind, ComponentSettings, SettingName } from '../../model/machine.ts';
import { propertiesIn, propertyIn } from '../schema/schema.ts';
import { quote, writeBytes, writeHex, writeIds, writeIops, writeRate, writeSeconds } from './quantities.ts';

type Settings = Readonly<ComponentSettings>;

/** One property: the settings that it says, and its values as written; undefined where there is nothing to say. */
interface Writer {
  readonly property: string;
  readonly fields: readonly SettingName[];
  readonly write: (settings: Settings) => string | undefined;
}

/** Settings whose values are of a type. */
type FieldOf<T> = { [K in SettingName]-?: NonNullable<ComponentSettings[K]> extends T ? K : never }[SettingName];

/** A property that says one setting. */
function one<K extends SettingName>(
  property: string,
  field: K,
  write: (value: NonNullable<ComponentSettings[K]>) => string,
): Writer {
  return {
    property,
    fields: [field],
    write: (settings) => {
      const value = settings[field];
      return value === undefined ? undefined : write(value as NonNullable<ComponentSettings[K]>);
    },
  };
}

const flag = (property: string, field: FieldOf<boolean>) =>
  one(property, field, (value) => (value === true ? 'on' : 'off'));
const word = (property: string, field: SettingName) => one(property, field, String);
const bytes = (property: string, field: FieldOf<number>) => one(property, field, (value) => writeBytes(Number(value)));
const rate = (property: string, field: FieldOf<number>) => one(property, field, (value) => writeRate(Number(value)));
const seconds = (property: string, field: FieldOf<number>) =>
  one(property, field, (value) => writeSeconds(Number(value)));
const iops = (property: string, field: FieldOf<number>) => one(property, field, (value) => writeIops(Number(value)));
const lanes = (property: string, field: FieldOf<number>) => one(property, field, (value) => `x${value}`);
const generation = (property: string, field: FieldOf<number>) => one(property, field, (value) => `gen${value}`);
const hex = (property: string, field: FieldOf<number>, digits: number) =>
  one(property, field, (value) => writeHex(Number(value), digits));

function ids(property: string, vendor: FieldOf<number>, device: FieldOf<number>): Writer {
  return {
    property,
    fields: [vendor, device],
    write: (settings) => {
      const a = settings[vendor];
      const b = settings[device];
      return typeof a === 'number' && typeof b === 'number' ? writeIds(a, b) : undefined;
    },
  };
}

/** A speed and a width as written; nothing of neither. */
function linkWords(speed: number | undefined, width: number | undefined): string {
  const words = [speed === undefined ? '' : `gen${speed}`, width === undefined ? '' : `x${width}`];
  return words.filter((one) => one !== '').join(' ');
}

/** Every setting of a component, in the order in which a person would say it. */
const writers: readonly Writer[] = [
  hex('segment', 'segment', 1),
  hex('bus', 'bus', 2),
  one('bus-range', 'busRange', ([first, last]) =>
    first === last ? writeHex(first, 2) : `${writeHex(first, 2)}..${writeHex(last, 2)}`,
  ),
  hex('device-number', 'deviceNumber', 2),
  word('function-number', 'functionNumber'),
  word('numa', 'numaNode'),
  lanes('slot', 'slotLanes'),
  lanes('wired', 'wiredLanes'),
  one('bifurcation', 'bifurcation', (value) => value.map((count) => `x${count}`).join(' ')),
  {
    property: 'trained',
    fields: ['trainedGeneration', 'trainedLanes', 'trainedIdle'],
    write: ({ trainedGeneration, trainedLanes, trainedIdle }) =>
      trainedGeneration === undefined && trainedLanes === undefined
        ? undefined
        : [linkWords(trainedGeneration, trainedLanes), trainedIdle ? 'idle' : '']
            .filter((part) => part !== '')
            .join(' '),
  },
  {
    property: 'forced',
    fields: ['forcedGeneration', 'forcedLanes'],
    write: ({ forcedGeneration, forcedLanes }) => linkWords(forcedGeneration, forcedLanes) || undefined,
  },
  generation('channel', 'channelGeneration'),
  word('retimers', 'retimers'),
  word('bit-error-rate', 'bitErrorRate'),
  word('aspm', 'aspm'),
  ids('id', 'vendorId', 'deviceId'),
  ids('subsystem', 'subsystemVendorId', 'subsystemDeviceId'),
  hex('class', 'classCode', 6),
  flag('hotplug', 'hotplug'),
  flag('external-facing', 'externalFacing'),
  word('vendor', 'cpuVendor'),
  one('family', 'cpuFamily', (value) => (value > 9 ? writeHex(value) : String(value))),
  ids('host-bridge', 'hostBridgeVendorId', 'hostBridgeDeviceId'),
  word('cores', 'cores'),
  {
    property: 'memory',
    fields: ['memoryBytes'],
    write: ({ memoryBytes, memoryBytesPerSecond }) =>
      memoryBytes === undefined
        ? undefined
        : `${writeBytes(memoryBytes)}${memoryBytesPerSecond === undefined ? '' : ` at ${writeRate(memoryBytesPerSecond)}`}`,
  },
  rate('memory-bandwidth', 'memoryBytesPerSecond'),
  word('memory-channels', 'memoryChannels'),
  seconds('memory-latency', 'memoryLatencySeconds'),
  word('nps', 'nodesPerSocket'),
  word('lanes', 'totalLanes'),
  {
    property: 'peer-forwarding',
    fields: ['forwardsPeerReads', 'forwardsPeerWrites'],
    write: ({ forwardsPeerReads, forwardsPeerWrites }) => {
      if (forwardsPeerReads === undefined && forwardsPeerWrites === undefined) return undefined;
      const words = [forwardsPeerReads === true ? 'reads' : '', forwardsPeerWrites === true ? 'writes' : ''];
      return words.filter((part) => part !== '').join(' ') || 'none';
    },
  },
  bytes('peer-write-split', 'peerWriteSplitBytes'),
  rate('peer-bandwidth', 'peerBytesPerSecond'),
  seconds('root-complex-latency', 'rootComplexLatencySeconds'),
  word('inter-socket', 'interconnectTechnology'),
  word('iotlb-entries', 'ioTlbEntries'),
  word('page-walks', 'pageWalks'),
  one('inbound-window', 'inboundWindow', (value) => `${writeBytes(Number(value.bytes))} at ${writeHex(value.base)}`),
  word('ports', 'portCount'),
  bytes('max-payload-supported', 'maxPayloadSupportedBytes'),
  bytes('mps', 'maxPayloadBytes'),
  bytes('mrrs', 'maxReadRequestBytes'),
  bytes('rcb', 'readCompletionBoundaryBytes'),
  flag('extended-tags', 'extendedTags'),
  flag('ten-bit-tags', 'tenBitTags'),
  flag('relaxed-ordering', 'relaxedOrdering'),
  flag('atomics', 'atomics'),
  flag('ats', 'ats'),
  word('ats-cache', 'atsCacheEntries'),
  flag('pasid', 'pasid'),
  flag('ari', 'ari'),
  flag('integrated', 'integrated'),
  word('dma-bits', 'dmaBits'),
  word('outstanding-reads', 'outstandingReads'),
  seconds('latency', 'latencySeconds'),
  word('msix', 'msixVectors'),
  bytes('vram', 'vramBytes'),
  rate('vram-bandwidth', 'vramBytesPerSecond'),
  word('vram-bar', 'vramBar'),
  word('driver', 'driver'),
  flag('peer-to-peer', 'peerToPeer'),
  word('copy-engines', 'copyEngines'),
  flag('gsp', 'gspFirmware'),
  one('compute-capability', 'computeCapability', quote),
  bytes('capacity', 'capacityBytes'),
  one('over-provisioning', 'overProvisioning', (share) => `${Number((share * 100).toPrecision(12))} %`),
  rate('read-bandwidth', 'readBytesPerSecond'),
  rate('write-bandwidth', 'writeBytesPerSecond'),
  iops('read-iops', 'readIops'),
  iops('write-iops', 'writeIops'),
  seconds('read-latency', 'readLatencySeconds'),
  seconds('write-latency', 'writeLatencySeconds'),
  word('queue-pairs', 'queuePairs'),
  word('queue-depth', 'queueDepth'),
  one('interrupt-coalescing', 'interruptCoalescing', (value) => `${value.threshold} ${writeSeconds(value.seconds)}`),
  one('interrupt-cores', 'interruptCores', (value) => ranges(value).join(' ')),
  bytes('cmb', 'controllerMemoryBufferBytes'),
  flag('sgl', 'scatterGather'),
  flag('zoned', 'zoned'),
  word('network-ports', 'networkPorts'),
  rate('line-rate', 'lineRateBytesPerSecond'),
  flag('gpudirect-rdma', 'gpuDirectRdma'),
  {
    property: 'xdma',
    fields: ['h2cChannels', 'c2hChannels'],
    write: ({ h2cChannels, c2hChannels }) =>
      h2cChannels === undefined || c2hChannels === undefined ? undefined : `h2c ${h2cChannels} c2h ${c2hChannels}`,
  },
];

/** Numbers in the order in which they are said, those that run on as `0..7`. */
function ranges(numbers: readonly number[]): string[] {
  const made: [number, number][] = [];
  for (const number of numbers) {
    const last = made.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else made.push([number, number]);
  }
  return made.map(([low, high]) => (low === high ? String(low) : `${low}..${high}`));
}

/** The properties of a component that its part does not say already, each on a line of its own. */
export function settingLines(
  kind: ComponentKind,
  settings: Settings,
  part: Settings,
  unknown: readonly SettingName[],
): string[] {
  const lines: string[] = [];
  for (const { property, fields, write } of writers) {
    if (propertyIn(kind, property) === undefined) continue;
    // The bandwidth of memory stands behind its size where that is said.
    const said = write(settings);
    const hidden = property === 'memory-bandwidth' && settings.memoryBytes !== undefined;
    if (hidden && part.memoryBytes !== settings.memoryBytes) continue;
    if (said !== undefined) {
      if (said !== write(part)) lines.push(`${property} ${said}`);
    } else if (fields.some((field) => unknown.includes(field))) lines.push(`${property} unknown`);
  }
  lines.push(...otherLines(kind, settings, part));
  for (const division of settings.bifurcationSupported ?? []) {
    const line = `bifurcation-supported ${division.map((count) => `x${count}`).join(' ')}`;
    if (!(part.bifurcationSupported ?? []).some((known) => String(known) === String(division))) lines.push(line);
  }
  return lines;
}

const covered: ReadonlySet<SettingName> = new Set([
  ...writers.flatMap(({ fields }) => fields),
  'generation',
  'lanes',
  'bifurcationSupported',
]);

/** How a plain value is written, by the shape that its property gives its values. */
const byShape: Readonly<Record<string, (value: number) => string>> = {
  '<number>': String,
  '<size>': writeBytes,
  '<rate>': writeRate,
  '<time>': writeSeconds,
  '<share>': (value) => `${Number((value * 100).toPrecision(12))} %`,
  '<operations per second>': writeIops,
  'gen<n>': (value) => `gen${value}`,
  'x<n>': (value) => `x${value}`,
};

/** Settings that need no writer of their own: a flag, a word, or a number whose property says what it counts. */
function otherLines(kind: ComponentKind, settings: Settings, part: Settings): string[] {
  return propertiesIn(kind).flatMap(({ name, field, shape }) => {
    if (field === null || covered.has(field)) return [];
    const value = settings[field];
    if (value === undefined || value === part[field]) return [];
    if (typeof value === 'boolean') return [`${name} ${value ? 'on' : 'off'}`];
    if (typeof value === 'string') return [`${name} ${/^[A-Za-z][\w-]*$/.test(value) ? value : quote(value)}`];
    const write = typeof value === 'number' ? byShape[shape] : undefined;
    return write === undefined || typeof value !== 'number' ? [] : [`${name} ${write(value)}`];
  });
}
