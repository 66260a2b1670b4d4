import { enumerate } from '../discovery/enumerate.ts';
import type { EnumeratedDevice } from '../discovery/enumeration.ts';
import { discoverTopology, type FirmwareProfile, formatAddress, type PciFunction } from '../discovery/topology.ts';
import { assumedPlaces } from '../discovery/virtual-places.ts';
import { type Component, componentAt, type Machine } from '../machine.ts';
import type { Assumption } from '../origin.ts';
import { formatHex } from '../quantity.ts';
import { machinePayload } from '../train.ts';
import { msixPlace } from './capabilities/msi-x.ts';
import { type FunctionFacts, factsOf } from './facts.ts';
import { type FunctionSpace, makeFunctionSpace, type Siblings } from './function-space.ts';
import { classOf, identityOf } from './header.ts';

export interface SpaceOptions {
  /** Who numbers the buses and places the BARs: `linux` where absent. */
  readonly firmware?: FirmwareProfile;
}

/** Configuration space of a whole machine. */
export interface ConfigurationSpaces {
  /** By address. */
  readonly functions: readonly FunctionSpace[];
  readonly byAddress: ReadonlyMap<string, FunctionSpace>;
  /** Values that the registers hold though the text does not say them. */
  readonly assumptions: readonly Assumption[];
}

/**
 * Every function of a machine as bytes, after boot: what firmware and kernel have programmed, links as trained. New bytes
 * each time, so that one reader's writes are not another's.
 */
export function configurationSpaces(machine: Machine, options: SpaceOptions = {}): ConfigurationSpaces {
  const firmware = options.firmware ?? 'linux';
  const enumeration = enumerate(machine, { firmware });
  const topology = discoverTopology(machine, firmware);
  const byName = new Map(topology.functions.map((fn) => [`${fn.address} ${fn.name}`, fn]));
  const byAddress = new Map(topology.functions.map((fn) => [fn.address, fn]));
  const payload = machinePayload(machine);
  const assumptions: Assumption[] = [...enumeration.assumptions];

  const all: FunctionFacts[] = [];
  const taken = new Set<string>();
  for (const device of enumeration.devices) {
    const fn = byName.get(`${device.bdf} ${device.name}`) ?? byAddress.get(device.physicalFunction ?? device.bdf);
    if (fn === undefined) continue;
    const reason = taken.has(device.bdf)
      ? `stands at ${device.bdf}, where another function answers`
      : outside(device.bdf);
    if (reason !== null) {
      assumptions.push({ at: device.name, field: 'address', message: `${device.name} ${reason}: left out.` });
      continue;
    }
    taken.add(device.bdf);
    all.push(factsOf(machine, device, fn, payload));
  }
  all.push(...hostBridges(machine, topology.hosts, taken, payload));

  all.sort((a, b) => (a.device.bdf < b.device.bdf ? -1 : a.device.bdf > b.device.bdf ? 1 : 0));
  const siblingsOf = siblings(all);
  const functions = all.map((facts) => makeFunctionSpace(facts, siblingsOf(facts)));
  assumptions.push(...assumed(all));
  return { functions, byAddress: new Map(functions.map((one) => [one.address, one])), assumptions };
}

/** Why an address cannot be: 256 buses of 32 devices of 8 functions. */
function outside(address: string): string | null {
  const [, bus = '', device = ''] = /^[0-9a-f]+:([0-9a-f]+):([0-9a-f]+)\.[0-7]$/.exec(address) ?? [];
  const reachable = Number.parseInt(bus, 16) <= 0xff && Number.parseInt(device, 16) <= 0x1f;
  return reachable ? null : `would stand at ${address}, which no Routing ID can say`;
}

/** Functions at the same bus and device number; by ARI those of a device at further device numbers count as well. */
function siblings(all: readonly FunctionFacts[]): (facts: FunctionFacts) => Siblings {
  const atNumber = new Map<string, number>();
  const ofComponent = new Map<number, number[]>();
  for (const { device, component } of all) {
    // Virtual functions do not stand in the list of the physical ones (SR-IOV 1.1, 2.1.2).
    if (device.physicalFunction !== null) continue;
    const slot = device.bdf.slice(0, -1);
    atNumber.set(slot, (atNumber.get(slot) ?? 0) + 1);
    const numbers = ofComponent.get(component.id);
    if (numbers === undefined) ofComponent.set(component.id, [routingNumber(device)]);
    else numbers.push(routingNumber(device));
  }
  return ({ device, component }) => {
    const isVirtual = device.physicalFunction !== null;
    const number = routingNumber(device);
    const later = isVirtual ? [] : (ofComponent.get(component.id) ?? []).filter((other) => other > number);
    return {
      several: !isVirtual && (atNumber.get(device.bdf.slice(0, -1)) ?? 0) > 1,
      nextFunction: later.length === 0 ? 0 : Math.min(...later),
    };
  };
}

const routingNumber = ({ bdf }: EnumeratedDevice): number =>
  Number.parseInt(bdf.slice(-4, -2), 16) * 8 + Number(bdf.slice(-1));

/** Device 0 of a root bus, where the text says which host bridge it is: pci_p2pdma looks for it there. */
function hostBridges(
  machine: Machine,
  hosts: readonly { readonly socket: number; readonly segment: number; readonly root: PciFunction['bus'] }[],
  taken: Set<string>,
  payload: ReturnType<typeof machinePayload>,
): FunctionFacts[] {
  return hosts.flatMap(({ socket, segment, root }) => {
    const component = componentAt(machine, socket);
    const { hostBridgeVendorId, hostBridgeDeviceId } = component.settings;
    const bdf = formatAddress(segment, root.number, 0, 0);
    if (hostBridgeVendorId === undefined || hostBridgeDeviceId === undefined || taken.has(bdf)) return [];
    taken.add(bdf);
    const device = hostBridgeDevice(component, bdf, hostBridgeVendorId, hostBridgeDeviceId);
    const fn: PciFunction = {
      index: -1,
      component: socket,
      part: 0,
      name: component.name,
      bus: root,
      device: 0,
      fn: 0,
      address: bdf,
      vendorId: hostBridgeVendorId,
      deviceId: hostBridgeDeviceId,
      classCode: 0x060000,
      bars: [],
      sriov: null,
      isPort: false,
      hotplug: false,
      below: null,
      isBridge: false,
    };
    const facts = factsOf(machine, device, fn, payload);
    return [{ ...facts, role: 'host-bridge', acs: null, link: null, ari: false, severalFunctions: false }];
  });
}

/** A host bridge (class 0600) with nothing to place. */
function hostBridgeDevice(component: Component, bdf: string, vendor: number, device: number): EnumeratedDevice {
  return {
    name: component.name,
    component: component.id,
    kind: component.kind,
    bdf,
    parent: null,
    vendor: formatHex(vendor, 4),
    device: formatHex(device, 4),
    class: '0x060000',
    physicalFunction: null,
    bus: null,
    bars: [],
    virtualBars: [],
    windows: null,
  };
}

/** What holds for all registers of which no text speaks. */
const unstated =
  'Registers of which the text says nothing read as after reset. Ports and slots are numbered like links, serial numbers ' +
  'are local, and MSI-X tables lie in the upper half of the smallest BAR with room.';

function assumed(all: readonly FunctionFacts[]): Assumption[] {
  const made: Assumption[] = [];
  const group = (
    field: string,
    which: (facts: FunctionFacts) => string | null,
    sentence: (count: number) => string,
  ) => {
    const values = all.map(which).filter((value) => value !== null);
    if (values.length === 0) return;
    made.push({ at: null, field, message: `${sentence(values.length)}: ${[...new Set(values)].join(', ')} assumed.` });
  };
  const functions = (count: number) => (count === 1 ? '1 function' : `${count} functions`);
  group(
    'vendorId',
    (facts) => {
      const { vendorId, deviceId, assumed: made } = identityOf(facts);
      return made ? `${formatHex(vendorId, 4).slice(2)}:${formatHex(deviceId, 4).slice(2)}` : null;
    },
    (count) => `No vendor and device ID are stated for ${functions(count)}`,
  );
  group(
    'classCode',
    (facts) => {
      const { code, assumed: made } = classOf(facts);
      return made && facts.role !== 'virtual-function' ? formatHex(code, 6) : null;
    },
    (count) => `No class code is stated for ${functions(count)}`,
  );
  for (const { device, sriov } of all) {
    const assumed = assumedPlaces(device.name, sriov);
    if (assumed !== null) made.push(assumed);
  }
  if (all.length > 0) made.push({ at: null, field: 'registers', message: unstated });
  for (const facts of all) {
    const { settings, part, role, device, component } = facts;
    if (part === 0 && (settings.msixVectors ?? 0) > 0 && role !== 'virtual-function' && msixPlace(facts) === null) {
      const message = `${component.name} has ${settings.msixVectors} MSI-X vectors and no BAR that could hold the table: no MSI-X capability.`;
      made.push({ at: device.name, field: 'msixVectors', message });
    }
  }
  return made;
}
