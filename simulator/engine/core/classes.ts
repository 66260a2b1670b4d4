import { take } from './memory';
import { FlowClass, makePlace, Resource, resourceBytes, Slot, slotBytes } from './records';

let capacities: usize = 0;
let resources: usize = 0;
let table: usize = 0;
let tableMask: u32 = 0;

/** Before the first class: how many there can be, and where resources stand. */
export function makeTable(most: u32, atCapacities: usize, atResources: usize): void {
  let count: u32 = 16;
  while (count < 2 * most) count <<= 1;
  table = take((<usize>count) << 2);
  tableMask = count - 1;
  capacities = atCapacities;
  resources = atResources;
}

/** The class of flows on a way: `length` indices of resources at `route`. */
export function classOf(route: usize, length: i32): FlowClass {
  const end = route + ((<usize>length) << 2);
  let hash: u32 = length;
  for (let at = route; at < end; at += 4) hash = rotl(hash ^ load<u32>(at), 13) * 0x9e3779b1;
  let place = (hash ^ (hash >> 15)) & tableMask;
  while (true) {
    const at = table + ((<usize>place) << 2);
    const known = changetype<FlowClass | null>(load<usize>(at));
    if (known === null) {
      const made = makeClass(route, length, hash);
      store<usize>(at, changetype<usize>(made));
      return made;
    }
    if (known.hash === hash && known.routeLength === length && memory.compare(known.route, route, end - route) === 0) {
      return known;
    }
    place = (place + 1) & tableMask;
  }
}

/** Resources without a limit are left out; one that is named twice costs twice. */
function makeClass(route: usize, length: i32, hash: u32): FlowClass {
  const one = changetype<FlowClass>(take(offsetof<FlowClass>()));
  one.flows = makePlace();
  one.hash = hash;
  one.route = route;
  one.routeLength = length;
  let end: usize = 0;
  for (let entry = 0; entry < length; entry++) {
    const index = load<u32>(route + ((<usize>entry) << 2));
    if (load<f64>(capacities + ((<usize>index) << 3)) === Infinity) continue;
    const resource = changetype<Resource>(resources + <usize>index * resourceBytes);
    let slot = one.slots;
    while (slot < end && changetype<Slot>(slot).resource !== resource) slot += slotBytes;
    if (slot === end) {
      slot = take(slotBytes);
      if (end === 0) one.slots = slot;
      end = slot + slotBytes;
      changetype<Slot>(slot).one = one;
      changetype<Slot>(slot).resource = resource;
    }
    changetype<Slot>(slot).cost += 1;
  }
  one.slotsEnd = end;
  let alone: f64 = Infinity;
  for (let at = one.slots; at < end; at += slotBytes) {
    const slot = changetype<Slot>(at);
    alone = Math.min(alone, slot.resource.capacity / slot.cost);
  }
  one.alone = alone;
  return one;
}
