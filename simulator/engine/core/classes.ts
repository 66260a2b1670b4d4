import { take } from './memory';
import { FlowClass, makePlace, makeResource, Resource, resourceBytes, Slot, slotBytes } from './records';

let capacities: usize = 0;
let resources: usize = 0;
let resourceCount: i32 = 0;
/** Resources of one group (u32 each) are lifted together: see `lifts.ts`. 0 where none ever is. */
let groups: usize = 0;
let table: usize = 0;
let tableMask: u32 = 0;
let classCount: i32 = 0;

/** Where the class last looked for belongs in the table, and its hash. */
let freePlace: usize = 0;
let freeHash: u32 = 0;

/** Before the first class: how many there can be, and where resources stand. */
export function makeTable(most: u32, atCapacities: usize, atResources: usize, given: i32, atGroups: usize): void {
  let count: u32 = 16;
  while (count < 2 * most) count <<= 1;
  table = take((<usize>count) << 2);
  tableMask = count - 1;
  capacities = atCapacities;
  resources = atResources;
  resourceCount = given;
  groups = atGroups;
}

export function resourceOf(index: u32): Resource {
  return changetype<Resource>(resources + <usize>index * resourceBytes);
}

/** The class of flows on a way: `length` indices of resources at `route`, each at a cost of 1. */
export function classOf(route: usize, length: i32): FlowClass {
  const bytes = (<usize>length) << 2;
  const known = find(route, bytes);
  if (known !== null) return known;
  const one = newClass(route, bytes);
  for (let entry = 0; entry < length; entry++) addSlot(one, load<u32>(route + ((<usize>entry) << 2)), 1);
  measure(one, Infinity, 0);
  return one;
}

/** What describes a way with costs: a cap and costs (f64), the group of the cap and the resources (u32), one behind the other. */
export function wayBytes(length: i32): usize {
  return 12 + <usize>length * 12;
}

/** The class of flows on a way with costs of its own and a cap for each flow, that may be infinite. */
export function classOfWay(way: usize, length: i32): FlowClass {
  const bytes = wayBytes(length);
  const known = find(way, bytes);
  if (known !== null) return known;
  const route = take(bytes);
  memory.copy(route, way, bytes);
  const one = newClass(route, bytes);
  const costs = route + 8;
  const group = costs + ((<usize>length) << 3);
  const entries = group + 4;
  for (let entry = 0; entry < length; entry++) {
    const cost = load<f64>(costs + ((<usize>entry) << 3));
    if (cost > 0) addSlot(one, load<u32>(entries + ((<usize>entry) << 2)), cost);
  }
  measure(one, load<f64>(route), load<u32>(group));
  return one;
}

function find(route: usize, bytes: usize): FlowClass | null {
  const end = route + bytes;
  let hash: u32 = <u32>(bytes >> 2);
  for (let at = route; at < end; at += 4) hash = rotl(hash ^ load<u32>(at), 13) * 0x9e3779b1;
  let place = (hash ^ (hash >> 15)) & tableMask;
  freeHash = hash;
  while (true) {
    freePlace = table + ((<usize>place) << 2);
    const known = changetype<FlowClass | null>(load<usize>(freePlace));
    if (known === null) return null;
    if (known.hash === hash && known.routeBytes === bytes && memory.compare(known.route, route, bytes) === 0)
      return known;
    place = (place + 1) & tableMask;
  }
}

/** A class at the place where `find` has looked for it. */
function newClass(route: usize, bytes: usize): FlowClass {
  const one = changetype<FlowClass>(take(offsetof<FlowClass>()));
  one.flows = makePlace();
  one.hash = freeHash;
  one.route = route;
  one.routeBytes = bytes;
  one.id = classCount++;
  store<usize>(freePlace, changetype<usize>(one));
  return one;
}

/** Resources without a limit are left out; the costs of one that is named twice are added. */
function addSlot(one: FlowClass, index: u32, cost: f64): void {
  if (load<f64>(capacities + ((<usize>index) << 3)) === Infinity) return;
  slotOf(one, resourceOf(index)).cost += cost;
}

/** Slots of a class stand one behind the other: nothing else may take memory until it has all of them. */
function slotOf(one: FlowClass, resource: Resource): Slot {
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    if (slot.resource === resource) return slot;
  }
  const made = take(slotBytes);
  if (one.slotsEnd === 0) one.slots = made;
  one.slotsEnd = made + slotBytes;
  const slot = changetype<Slot>(made);
  slot.one = one;
  slot.resource = resource;
  return slot;
}

const ofItsOwn: u32 = 0xffffffff;

function groupOf(slot: Slot): u32 {
  return groups === 0 ? ofItsOwn : load<u32>(groups + ((<usize>slot.resource.index) << 2));
}

/** What a class can reach, once its slots are known; and its cap, where that can be felt. */
function measure(one: FlowClass, cap: f64, capGroup: u32): void {
  let alone: f64 = cap;
  let isFelt = cap < Infinity;
  let tightest: u32 = cap < Infinity ? capGroup : ofItsOwn;
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    const own = slot.resource.capacity / slot.cost;
    if (own > alone) continue;
    alone = own;
    isFelt = false;
    tightest = groupOf(slot);
  }
  // Where limits may be lifted, the tightest may be.
  let beyond: f64 = alone;
  if (groups !== 0) {
    beyond = cap < Infinity && capGroup !== tightest ? cap : Infinity;
    for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
      const slot = changetype<Slot>(at);
      if (groupOf(slot) !== tightest) beyond = Math.min(beyond, slot.resource.capacity / slot.cost);
    }
  }
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    slot.most = Math.min(beyond, slot.resource.capacity / slot.cost);
  }
  if (!isFelt && (groups === 0 || cap === Infinity)) return;
  // The place of the slot comes first, so that it stands behind the others.
  const made = take(slotBytes);
  if (one.slotsEnd === 0) one.slots = made;
  one.slotsEnd = made + slotBytes;
  const resource = changetype<Resource>(take(resourceBytes, 64));
  makeResource(changetype<usize>(resource), 0, resourceCount++);
  one.cap = resource;
  one.capEach = cap;
  const slot = changetype<Slot>(made);
  slot.one = one;
  slot.resource = resource;
  slot.cost = 1;
  slot.most = Math.min(beyond, cap);
}
