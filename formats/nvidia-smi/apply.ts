import type {
  ObservedConnection,
  ObservedDistance,
  ObservedFunction,
  ObservedMachine,
  ObservedNote,
} from '../observed.ts';
import { addressParts, compareAddresses } from '../pci/address.ts';

const nvidia = 0x10de;
/** Links of one GPU, at most (NCCL, src/graph/xml.cc, ncclTopoGetXmlFromGpu): more in a row of the matrix lead through a switch. */
const mostLinks = 18;

/**
 * What a matrix of `nvidia-smi topo -m` adds to functions that other sources show: NVLink between the GPUs, where none of them
 * has it, their numbers, and the NUMA nodes. GPU0 is the function of that name, else the first NVIDIA GPU by address, as NVML counts them.
 */
export function withMatrix(observed: ObservedMachine): ObservedMachine {
  const labels = [...new Set(observed.distances.flatMap(({ from, to }) => [from, to]))].filter(isGpuLabel);
  for (const { device } of observed.affinities ?? []) {
    if (isGpuLabel(device) && !labels.includes(device)) labels.push(device);
  }
  if (labels.length === 0 || observed.functions.length === 0) return observed;
  const notes: ObservedNote[] = [];
  const addressOf = gpusByLabel(observed, labels, notes);
  const nodeOf = new Map<string, number>();
  for (const { device, numaNode } of observed.affinities ?? []) {
    const address = addressOf.get(device);
    if (address !== undefined) nodeOf.set(address, numaNode);
  }
  const labelOf = new Map([...addressOf].map(([label, address]) => [address, label.toLowerCase()]));
  const functions = observed.functions.map((fn): ObservedFunction => {
    const label = labelOf.get(fn.address);
    if (label === undefined) return fn;
    const numaNode = fn.numaNode ?? nodeOf.get(fn.address);
    const names = fn.names?.includes(label) === true ? fn.names : [...(fn.names ?? []), label];
    return { ...fn, names, ...(numaNode === undefined ? {} : { numaNode }) };
  });
  return {
    ...observed,
    functions,
    connections: [...observed.connections, ...nvlinksOf(observed, addressOf)],
    notes: [...observed.notes, ...notes],
  };
}

const isGpuLabel = (label: string) => /^GPU\d+$/.test(label);

function gpusByLabel(
  { functions }: ObservedMachine,
  labels: readonly string[],
  notes: ObservedNote[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const label of labels) {
    const number = label.slice(3);
    const named = functions.find((fn) => fn.names?.some((name) => name === `gpu${number}` || name === `nvml${number}`));
    if (named !== undefined) found.set(label, named.address);
  }
  if (found.size === labels.length) return found;
  const gpus = functions
    .filter(isNvidiaGpu)
    .sort((a, b) => compareAddresses(addressParts(a.address), addressParts(b.address)));
  if (gpus.length !== labels.length) {
    notes.push({
      line: null,
      subject: null,
      message: `the matrix has ${labels.length} GPUs, the other sources ${gpus.length}: which is which is not said`,
    });
    return found;
  }
  return new Map(
    [...labels]
      .sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)))
      .map((label, at) => [label, gpus[at]?.address ?? '']),
  );
}

/** A GPU by vendor and class, or by its words where there are no numbers; audio, USB and switches of NVIDIA are none. */
function isNvidiaGpu(fn: ObservedFunction): boolean {
  if (fn.physicalFunction !== undefined || fn.buses !== undefined) return false;
  if (fn.classCode !== undefined && fn.vendorId !== undefined) {
    return fn.vendorId === nvidia && fn.classCode >>> 16 === 0x03;
  }
  const words = `${fn.vendorName ?? ''} ${fn.deviceName ?? ''}`;
  return (
    /NVIDIA/i.test(words) &&
    !/Audio|USB|UCSI|Serial|Bridge|Switch|Mellanox|ConnectX|BlueField|Ethernet|Infiniband/i.test(words)
  );
}

/** `NV12` between two GPUs: twelve links side by side, to the other one or, where a GPU has not as many, to a switch. */
function nvlinksOf(
  { distances, connections }: ObservedMachine,
  addressOf: ReadonlyMap<string, string>,
): ObservedConnection[] {
  const joined = new Set(
    connections.filter((one) => one.technology === 'nvlink').flatMap(({ from, to }) => [from, to]),
  );
  const pairs = distances.flatMap((distance) => {
    const links = linksOf(distance);
    const [from, to] = [addressOf.get(distance.from), addressOf.get(distance.to)];
    return links === null || from === undefined || to === undefined || joined.has(from) || joined.has(to)
      ? []
      : [{ from, to, links }];
  });
  const total = new Map<string, number>();
  const most = new Map<string, number>();
  for (const { from, to, links } of pairs) {
    for (const end of [from, to]) {
      total.set(end, (total.get(end) ?? 0) + links);
      most.set(end, Math.max(most.get(end) ?? 0, links));
    }
  }
  const switched = new Set([...total].filter(([, links]) => links > mostLinks).map(([end]) => end));
  const direct = pairs
    .filter(({ from, to }) => !switched.has(from) || !switched.has(to))
    .map((pair): ObservedConnection => ({ ...pair, technology: 'nvlink' }));
  const upward = [...switched].map(
    (from): ObservedConnection => ({
      from,
      to: 'nvswitch:matrix',
      technology: 'nvlink',
      links: most.get(from) ?? 1,
    }),
  );
  return [...direct, ...upward];
}

function linksOf(distance: ObservedDistance): number | null {
  const found = /^NV(\d+)$/.exec(distance.class);
  return found === null ? null : Number(found[1]);
}
