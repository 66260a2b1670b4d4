/** What a machine is: public API of `pcie-topology/model`. */

export { type Change, compareMachines } from '../model/compare/changes.ts';
export { enumerate } from '../model/discovery/enumerate.ts';
export { effectiveAcs } from '../model/isolation/acs.ts';
export { iommuGroups } from '../model/isolation/groups.ts';
export { linkBandwidth, steadyBandwidth } from '../model/link/efficiency.ts';
export { linkLabel, rawBytesPerSecond } from '../model/link/generation.ts';
export { trainLink } from '../model/link/training.ts';
export { distanceClass } from '../model/peer/distance-class.ts';
export { peerMapping } from '../model/peer/mapping.ts';
export { formatBytes, formatRate, formatSeconds } from '../model/quantity.ts';
export { findRoute } from '../model/route/route.ts';
export { configRead, configWrite } from '../model/space/access.ts';
export { configurationSpaces } from '../model/space/spaces.ts';
export { trainMachine } from '../model/train.ts';
