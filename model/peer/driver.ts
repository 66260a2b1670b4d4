import { forwardsPeers } from '../host/profile.ts';
import { effectiveAcs } from '../isolation/acs.ts';
import { translatedRequests } from '../isolation/translated-requests.ts';
import { type Component, componentAt, type GpuDriver, type Machine, socketOf } from '../machine.ts';
import type { Reason } from '../origin.ts';
import { formatBytes } from '../quantity.ts';
import type { PeerVerdict } from './mapping.ts';
import { hasPeerMemory } from './peer-memory.ts';

/** What comes of the kernel's mapping once the driver, the IOMMU and the host have had their say. */
export interface DriverVerdict {
  /** `across`: below the common switch. `host-bridge`: up to the root complex and down. `staged`: in host memory. */
  readonly way: 'across' | 'host-bridge' | 'staged';
  readonly reasons: readonly Reason[];
}

/** One peer transfer that is asked for. */
export interface PeerRequest {
  readonly from: number;
  readonly to: number;
  /** The device that masters the bus: one of the two. */
  readonly initiator: number;
  readonly operation: 'read' | 'write';
}

/** GPU drivers that offer no peer-to-peer between devices: nouveau has no CUDA, i915 shares buffers in system memory. */
const withoutPeers: ReadonlySet<GpuDriver> = new Set(['nouveau', 'i915', 'none']);

/**
 * The second layer of a verdict: may the devices talk, given what the kernel maps? Drivers that refuse, devices without
 * memory that a peer could reach, an IOMMU that translates, and a root complex that does not forward each send the data
 * through host memory.
 */
export function driverVerdict(machine: Machine, request: PeerRequest, verdict: PeerVerdict): DriverVerdict {
  const [from, to] = [componentAt(machine, request.from), componentAt(machine, request.to)];
  const target = request.initiator === from.id ? to : from;
  const reasons: Reason[] = [];
  for (const device of [from, to]) {
    const refusal = refuses(device);
    if (refusal !== null) reasons.push(refusal);
  }
  const staged = withoutGpuDirect(from, to) ?? withoutGpuDirect(to, from);
  if (staged !== null) reasons.push(staged);
  const unreachable = withoutPeerMemory(target);
  if (unreachable !== null) reasons.push(unreachable);
  const barred = smallBar(machine, target);
  if (barred?.refuses === true) reasons.push(barred.reason);
  const iommu = iommuVerdict(machine, request, verdict);
  if (iommu.refuses && iommu.reason !== null) reasons.push(iommu.reason);
  if (reasons.length > 0) return { way: 'staged', reasons };
  if (barred !== null) reasons.push(barred.reason);
  if (iommu.reason !== null) reasons.push(iommu.reason);
  if (iommu.way === 'across' || (verdict.mapping === 'bus-address' && iommu.way !== 'host-bridge')) {
    return { way: 'across', reasons };
  }
  const forwarded = forwarding(machine, request, verdict);
  return { way: forwarded.forwards ? 'host-bridge' : 'staged', reasons: [...reasons, forwarded.reason] };
}

/** Why a device takes no part in peer-to-peer, or null. */
export function refuses(device: Component): Reason | null {
  const { peerToPeer, driver } = device.settings;
  const no = (who: string): Reason => ({
    code: 'driver/no-peer',
    message: `The driver ${who} offers no peer-to-peer.`,
    at: device.name,
  });
  if (peerToPeer === false) return no(`of ${device.name}`);
  if (driver !== undefined && withoutPeers.has(driver)) return no(`${driver} of ${device.name}`);
  // Linux maps peers for NVMe queues only (BLK_FEAT_PCI_P2PDMA, set by drivers/nvme/host).
  if (peerToPeer === undefined && device.kind === 'sata') return no(`ahci of ${device.name}`);
  return null;
}

/** GPU memory that is not registered with an adapter (no nvidia-peermem, no DMA-BUF) is no place for it to read or write. */
function withoutGpuDirect(adapter: Component, gpu: Component): Reason | null {
  if (adapter.kind !== 'nic' || gpu.kind !== 'gpu' || adapter.settings.gpuDirectRdma !== false) return null;
  return {
    code: 'driver/no-peer',
    message: `${adapter.name} works without GPUDirect RDMA (nvidia-peermem, or DMA-BUF).`,
    at: adapter.name,
  };
}

function withoutPeerMemory(target: Component): Reason | null {
  if (hasPeerMemory(target)) return null;
  return {
    code: 'driver/no-peer-memory',
    message: `${target.name} masters its own DMA and has no memory behind a BAR that a peer could reach.`,
    at: target.name,
  };
}

/** The driver of a GPU: what the text says, else the usual one of its maker. */
function gpuDriver({ settings }: Component): GpuDriver | undefined {
  if (settings.driver !== undefined) return settings.driver;
  if (settings.vendorId === 0x1002) return 'amdgpu';
  return settings.vendorId === 0x10de ? 'nvidia' : undefined;
}

/** Bytes of a GPU's memory that its BAR shows, and of its memory; null where either is not known. */
export function visibleVram(machine: Machine, gpu: Component): { shown: number; whole: number } | null {
  const whole = gpu.settings.vramBytes;
  const bar = gpu.bars.find((one) => one.index === (gpu.settings.vramBar ?? 1));
  if (gpu.kind !== 'gpu' || whole === undefined || bar === undefined) return null;
  const resized = machine.firmware.resizableBar === true ? bar.resizable?.maximumBytes : undefined;
  return { shown: Math.max(bar.bytes, resized ?? 0), whole };
}

/**
 * A BAR smaller than the memory behind it: amdgpu refuses peers then (amdgpu_device_is_peer_accessible). So does a driver
 * of NVIDIA that was changed to let peers of GeForce cards in, since it maps all of the memory at once
 * (tinygrad/open-gpu-kernel-modules issue 13). Others move a window.
 */
function smallBar(machine: Machine, target: Component): { reason: Reason; refuses: boolean } | null {
  const vram = visibleVram(machine, target);
  if (vram === null || vram.shown >= vram.whole) return null;
  const sizes = `The BAR of ${target.name} shows ${formatBytes(vram.shown)} of ${formatBytes(vram.whole)}`;
  const who = whoNeedsAll(target);
  const reason: Reason = {
    code: who === null ? 'driver/bar-window' : 'driver/needs-large-bar',
    message: who === null ? `${sizes}: peers reach that much at a time.` : `${sizes}: ${who} only where it shows all.`,
    at: target.name,
  };
  return { reason, refuses: who !== null };
}

/** The driver that lets peers into all of a GPU's memory or none, in words; null where a window does. */
function whoNeedsAll(gpu: Component): string | null {
  if (gpuDriver(gpu) === 'amdgpu') return 'amdgpu lets peers in';
  const geForce = gpu.parts.some((part) => /^(gtx|rtx)-\d{4}/.test(part));
  return geForce && gpu.settings.peerToPeer === true
    ? 'a driver changed to let peers into GeForce cards does so'
    : null;
}

interface IommuVerdict {
  readonly refuses: boolean;
  /** Where the IOMMU decides the way; null: as mapped. */
  readonly way: 'across' | 'host-bridge' | null;
  readonly reason: Reason | null;
}

/**
 * What an IOMMU makes of it. In a guest, VFIO maps peers through it, so that untranslated requests must pass the root
 * complex; translated ones (ATS) carry the address of the BAR and cross where ports that redirect let them (DirectTrans).
 * On the host amdgpu maps peers likewise (amdgpu_device_check_iommu_remap), and no other GPU driver does.
 */
function iommuVerdict(machine: Machine, request: PeerRequest, verdict: PeerVerdict): IommuVerdict {
  const { from, to, initiator } = request;
  const guest = machine.virtualMachines.find(({ devices }) => devices.includes(from) && devices.includes(to));
  const direct =
    verdict.common !== null &&
    translatedRequests(machine, initiator).used &&
    verdict.redirecting.every((id) => effectiveAcs(machine, id).control.includes('DT'));
  if (guest !== undefined) {
    const message = direct
      ? `${guest.name} holds both: requests that ATS has translated cross the switch.`
      : `${guest.name} holds both: the IOMMU maps its peers, which the data reaches through the root complex.`;
    const code = direct ? 'iommu/translated-requests' : 'iommu/maps-peers';
    return { refuses: false, way: direct ? 'across' : 'host-bridge', reason: { code, message, at: null } };
  }
  if (machine.linux.iommu !== 'translate') return { refuses: false, way: null, reason: null };
  const remaps = [from, to].every((id) => {
    const device = componentAt(machine, id);
    return device.kind === 'gpu' && gpuDriver(device) === 'amdgpu';
  });
  if (remaps && verdict.mapping !== 'not-supported') {
    const message = direct
      ? 'amdgpu maps peers through the IOMMU: requests that ATS has translated cross the switch.'
      : 'amdgpu maps peers through the IOMMU, which the data reaches through the root complex.';
    const code = direct ? 'iommu/translated-requests' : 'iommu/maps-peers';
    return { refuses: false, way: direct ? 'across' : 'host-bridge', reason: { code, message, at: null } };
  }
  const message =
    'The IOMMU translates: addresses of peers mean nothing to a switch, and drivers do not map peers through it.';
  return { refuses: true, way: null, reason: { code: 'iommu/translate', message, at: null } };
}

/** Whether the host lets the traffic through: what the text or the CPU's maker says, else what the kernel counts on. */
function forwarding(
  machine: Machine,
  { from, to, operation }: PeerRequest,
  verdict: PeerVerdict,
): { forwards: boolean; reason: Reason } {
  const [mine, theirs] = [socketOf(machine, from), socketOf(machine, to)];
  const same = mine?.id === theirs?.id;
  for (const socket of same ? [mine] : [mine, theirs]) {
    if (socket === null) continue;
    const known = forwardsPeers(socket, operation);
    const said = operation === 'read' ? socket.settings.forwardsPeerReads : socket.settings.forwardsPeerWrites;
    if (known?.value === false) {
      const message = `The root complex of ${socket.name} does not forward peer ${operation}s.`;
      return { forwards: false, reason: { code: 'host/no-forwarding', message, at: socket.name } };
    }
    // What a CPU's maker says holds within a socket.
    if (said === undefined && verdict.mapping === 'not-supported' && !(same && known?.value === true)) {
      const message = `Nothing says that the root complex of ${socket.name} forwards peers, and the kernel does not count on it.`;
      return { forwards: false, reason: { code: 'host/forwarding-unknown', message, at: socket.name } };
    }
  }
  const message = `The root complex forwards peer ${operation}s.`;
  return { forwards: true, reason: { code: 'host/forwards-peers', message, at: null } };
}
