import type { EnumeratedBar } from '../discovery/enumeration.ts';
import type { CapabilityBlock, PlacedCapability } from './block.ts';
import { accessControl } from './capabilities/access-control.ts';
import { addressTranslation } from './capabilities/address-translation.ts';
import { advancedErrorReporting } from './capabilities/advanced-error-reporting.ts';
import { alternativeRouting } from './capabilities/alternative-routing.ts';
import { dataLinkFeature } from './capabilities/data-link-feature.ts';
import { downstreamContainment } from './capabilities/downstream-containment.ts';
import { laneMargining } from './capabilities/lane-margining.ts';
import { latencyTolerance } from './capabilities/latency-tolerance.ts';
import { msi } from './capabilities/msi.ts';
import { msix, msixPlace } from './capabilities/msi-x.ts';
import { pciExpress, reportsLatency } from './capabilities/pci-express.ts';
import { physicalLayer16 } from './capabilities/physical-layer-16.ts';
import { physicalLayer32 } from './capabilities/physical-layer-32.ts';
import { powerManagement } from './capabilities/power-management.ts';
import { processAddressSpace } from './capabilities/process-address-space.ts';
import {
  bytesOfCode,
  type ResizableBar,
  resizableBars,
  resizableControlOffset,
  sizeCodes,
} from './capabilities/resizable-bar.ts';
import { secondaryExpress } from './capabilities/secondary-express.ts';
import { serialNumber } from './capabilities/serial-number.ts';
import { singleRootIov, virtualBarOffset } from './capabilities/single-root-iov.ts';
import { subsystem } from './capabilities/subsystem.ts';
import { virtualChannel } from './capabilities/virtual-channel.ts';
import type { FunctionFacts } from './facts.ts';
import { headerOffsets, identityOf, writeHeader } from './header.ts';
import {
  conventionalSpaceBytes,
  extendedSpaceBytes,
  makeRegisterSpace,
  type RegisterSpace,
  setByte,
  setDword,
} from './registers.ts';
import { isBridgeRole, isDownstreamFacing, isExpressRole, type PciRole } from './role.ts';

/** A Resizable BAR Control register and the BAR that it sizes. */
export interface ResizableRegister {
  readonly control: number;
  readonly baseAddress: number;
  readonly kind: 'io' | 'memory32' | 'memory64';
  readonly sizeCodes: readonly number[];
}

/** Configuration space of one function. */
export interface FunctionSpace {
  /** `0000:01:00.0`. */
  readonly address: string;
  /** Qualified name, as in the enumeration. */
  readonly name: string;
  /** Component id. */
  readonly component: number;
  readonly role: PciRole;
  readonly registers: RegisterSpace;
  /** In the order of the chains: standard ones first. */
  readonly capabilities: readonly PlacedCapability[];
  readonly resizables: readonly ResizableRegister[];
}

/** What stands beside a function at its device number. */
export interface Siblings {
  /** Further functions, which a scan has to look for. */
  readonly several: boolean;
  /** The next function number of the device by ARI, 0 at the last. */
  readonly nextFunction: number;
}

const firstStandard = 0x40;
const firstExtended = 0x100;

/** The bytes of one function: header, then the capabilities of its role, one behind the other. */
export function makeFunctionSpace(facts: FunctionFacts, siblings: Siblings): FunctionSpace {
  const express = isExpressRole(facts.role);
  const registers = makeRegisterSpace(express ? extendedSpaceBytes : conventionalSpaceBytes);
  const resizable = resizableOf(facts.fn.bars, facts.device.bars);
  const virtualResizable = resizableOf(facts.sriov?.bars ?? [], facts.device.virtualBars);
  const standard = standardCapabilities(facts);
  writeHeader(registers, facts, siblings.several, standard.length > 0);
  const capabilities = placeStandard(registers, standard);
  if (express) {
    capabilities.push(
      ...placeExtended(registers, extendedCapabilities(facts, siblings.nextFunction, resizable, virtualResizable)),
    );
  }
  const { bdf, name, component } = facts.device;
  const sriovAt = capabilities.find(({ kind, id }) => kind === 'extended' && id === 0x10)?.offset ?? 0;
  return {
    address: bdf,
    name,
    component,
    role: facts.role,
    registers,
    capabilities,
    resizables: [
      ...registersOf(capabilities, 0x15, resizable, facts.device.bars, headerOffsets.bar),
      ...registersOf(capabilities, 0x24, virtualResizable, facts.device.virtualBars, sriovAt + virtualBarOffset),
    ],
  };
}

function standardCapabilities(facts: FunctionFacts): CapabilityBlock[] {
  const { role } = facts;
  if (role === 'host-bridge') return [];
  if (role === 'conventional' || role === 'conventional-bridge') return [powerManagement, ...bridgeSubsystem(facts)];
  if (role === 'virtual-function') return [pciExpress(facts)];
  const place = msixPlace(facts);
  const interrupts = place === null ? msi : msix(place);
  return [powerManagement, interrupts, pciExpress(facts), ...bridgeSubsystem(facts)];
}

function bridgeSubsystem({ role, settings }: FunctionFacts): CapabilityBlock[] {
  const { subsystemVendorId, subsystemDeviceId } = settings;
  if (!isBridgeRole(role) || subsystemVendorId === undefined) return [];
  return [subsystem(subsystemVendorId, subsystemDeviceId ?? 0)];
}

/**
 * What a role has by the specification, and what the text says. Capabilities that follow from a link's speed are those that
 * the specification obliges a port of that speed to have.
 */
function extendedCapabilities(
  facts: FunctionFacts,
  nextFunction: number,
  resizable: readonly ResizableBar[],
  virtualResizable: readonly ResizableBar[],
): CapabilityBlock[] {
  const { role, settings, part, sriov, device } = facts;
  const blocks: CapabilityBlock[] = [advancedErrorReporting(role)];
  const isVirtual = role === 'virtual-function';
  const isPort = isBridgeRole(role);
  if (facts.severalFunctions && part === 0 && !isVirtual) blocks.push(serialNumber(device.component));
  if (role === 'root-port' || role === 'upstream-port' || role === 'downstream-port') blocks.push(virtualChannel);
  if (facts.acs !== null) blocks.push(accessControl(facts.acs, facts.portsBeside));
  if (facts.ari && !isPort) blocks.push(alternativeRouting(nextFunction));
  if (settings.ats === true && !isPort && part === 0) blocks.push(addressTranslation(facts.iommu));
  if (settings.pasid === true && !isPort && !isVirtual && part === 0) blocks.push(processAddressSpace);
  if (sriov !== null && sriov.totalVfs > 0) {
    blocks.push(singleRootIov(sriov, device.virtualBars, identityOf(facts).deviceId, facts.ariForwarding));
  }
  if (resizable.length > 0 && !isVirtual) blocks.push(resizableBars(resizable, false));
  if (virtualResizable.length > 0) blocks.push(resizableBars(virtualResizable, true));
  if (part === 0 && !isVirtual) {
    if (!isDownstreamFacing(role) && reportsLatency(facts)) blocks.push(latencyTolerance);
    blocks.push(...linkCapabilities(facts));
    if (isDownstreamFacing(role) && settings.hotplug === true) blocks.push(downstreamContainment);
  }
  return blocks;
}

function linkCapabilities({ link, role }: FunctionFacts): CapabilityBlock[] {
  if (link === null || role === 'integrated-endpoint') return [];
  const { generation, lanes, trained } = link;
  const blocks: CapabilityBlock[] = [];
  if (generation >= 3) blocks.push(secondaryExpress(lanes));
  if (generation >= 4) {
    const runs = (least: number) => trained !== null && trained.generation >= least;
    blocks.push(dataLinkFeature(runs(4)), physicalLayer16(lanes, runs(4)), laneMargining(lanes));
    if (generation >= 5) blocks.push(physicalLayer32(lanes, runs(5)));
  }
  return blocks;
}

/** The chain from 0x40 on: each header holds its ID and where the next one stands. */
function placeStandard(space: RegisterSpace, blocks: readonly CapabilityBlock[]): PlacedCapability[] {
  const placed = layOut(blocks, firstStandard, 4);
  blocks.forEach((block, index) => {
    const at = placed[index]?.offset ?? 0;
    if (index === 0) setByte(space, headerOffsets.capabilities, at);
    setByte(space, at, block.id);
    setByte(space, at + 1, placed[index + 1]?.offset ?? 0);
    block.write(space, at);
  });
  return placed;
}

/** The chain from 0x100 on, where the first one has to stand. */
function placeExtended(space: RegisterSpace, blocks: readonly CapabilityBlock[]): PlacedCapability[] {
  const placed = layOut(blocks, firstExtended, 16);
  blocks.forEach((block, index) => {
    const at = placed[index]?.offset ?? 0;
    const next = placed[index + 1]?.offset ?? 0;
    setDword(space, at, next * 2 ** 20 + (block.version ?? 1) * 2 ** 16 + block.id);
    block.write(space, at);
  });
  return placed;
}

function layOut(blocks: readonly CapabilityBlock[], first: number, alignment: number): PlacedCapability[] {
  let next = first;
  return blocks.map(({ kind, id, name, bytes }) => {
    const offset = next;
    next = offset + Math.ceil(bytes / alignment) * alignment;
    return { kind, id, name, offset, bytes };
  });
}

interface SizedBar {
  readonly index: number;
  readonly kind: string;
  readonly resizable: { readonly minimumBytes: number; readonly maximumBytes: number } | null;
}

/** Smallest size that Resizable BAR Control can name. */
const leastResizableBytes = bytesOfCode(0);

/** Resizable BARs that got a register, with the size that they have now. */
function resizableOf(said: readonly SizedBar[], placed: readonly EnumeratedBar[]): ResizableBar[] {
  return placed
    .flatMap(({ index, kind, bytes }) => {
      const range = said.find((one) => one.index === index)?.resizable ?? null;
      return range === null || kind === 'io' || kind === 'rom' || bytes < leastResizableBytes
        ? []
        : [{ index, bytes, ...range }];
    })
    .sort((a, b) => a.index - b.index);
}

function registersOf(
  capabilities: readonly PlacedCapability[],
  id: number,
  bars: readonly ResizableBar[],
  placed: readonly EnumeratedBar[],
  baseAddresses: number,
): ResizableRegister[] {
  const found = capabilities.find((one) => one.kind === 'extended' && one.id === id);
  if (found === undefined) return [];
  return bars.map((bar, place) => ({
    control: resizableControlOffset(found.offset, place),
    baseAddress: baseAddresses + 4 * bar.index,
    kind: placed.find(({ index }) => index === bar.index)?.kind === 'memory64' ? 'memory64' : 'memory32',
    sizeCodes: sizeCodes(bar),
  }));
}
