import { barAbove4g } from './bar/above-4g.ts';
import { barResizable } from './bar/resizable.ts';
import { barSize } from './bar/size.ts';
import { barSlots } from './bar/slots.ts';
import { barWindowOverflow } from './bar/window-overflow.ts';
import { busDuplicateDeviceNumber } from './bus/duplicate-device-number.ts';
import { busRangeExhausted } from './bus/range-exhausted.ts';
import { busTooManyDevices } from './bus/too-many-devices.ts';
import { deviceDmaMask } from './device/dma-mask.ts';
import { deviceFasterThanLink } from './device/faster-than-link.ts';
import { deviceInterruptCores } from './device/interrupt-cores.ts';
import { deviceQueues } from './device/queues.ts';
import { deviceRelaxedOrdering } from './device/relaxed-ordering.ts';
import { deviceSubunits } from './device/subunits.ts';
import { hostNumaUnknown } from './host/numa-unknown.ts';
import { hostStagingInOneNode } from './host/staging-in-one-node.ts';
import { importNotFound } from './import/not-found.ts';
import { importNotPcie } from './import/not-pcie.ts';
import { importOutsideWorkspace } from './import/outside-workspace.ts';
import { iommuOffWithIsolation } from './iommu/off-with-isolation.ts';
import { iommuSharedGroup } from './iommu/shared-group.ts';
import { iommuStrictInvalidation } from './iommu/strict-invalidation.ts';
import { languageAllowWithoutReason } from './language/allow-without-reason.ts';
import { languageAmbiguousName } from './language/ambiguous-name.ts';
import { languageBadRange } from './language/bad-range.ts';
import { languageBadValue } from './language/bad-value.ts';
import { languageDecimalMemory } from './language/decimal-memory.ts';
import { languageExtraValue } from './language/extra-value.ts';
import { languageMisplaced } from './language/misplaced.ts';
import { languageMissingUnit } from './language/missing-unit.ts';
import { languageMissingValue } from './language/missing-value.ts';
import { languageRepeatedProperty } from './language/repeated-property.ts';
import { languageSyntax } from './language/syntax.ts';
import { languageTooDeep } from './language/too-deep.ts';
import { languageUnknownMetric } from './language/unknown-metric.ts';
import { languageUnknownProperty } from './language/unknown-property.ts';
import { languageUnknownRule } from './language/unknown-rule.ts';
import { languageUnresolved } from './language/unresolved.ts';
import { languageWrongUnit } from './language/wrong-unit.ts';
import { linkAboveChannelRating } from './link/above-channel-rating.ts';
import { linkBeyondSlot } from './link/beyond-slot.ts';
import { linkBifurcation } from './link/bifurcation.ts';
import { linkBitErrors } from './link/bit-errors.ts';
import { linkIllegalGeneration } from './link/illegal-generation.ts';
import { linkIllegalWidth } from './link/illegal-width.ts';
import { linkLimitedByEnd } from './link/limited-by-end.ts';
import { linkOversubscribed } from './link/oversubscribed.ts';
import { linkTooManyLanes } from './link/too-many-lanes.ts';
import { linkTrainedBeyondEnds } from './link/trained-beyond-ends.ts';
import { linkTrainedLow } from './link/trained-low.ts';
import { machineInheritanceCycle } from './machine/inheritance-cycle.ts';
import { namesDuplicate } from './names/duplicate.ts';
import { p2pAcsOnRootPort } from './p2p/acs-on-root-port.ts';
import { p2pAcsRedirect } from './p2p/acs-redirect.ts';
import { p2pAcsRedirectDeadEnd } from './p2p/acs-redirect-dead-end.ts';
import { p2pBarSmallerThanVram } from './p2p/bar-smaller-than-vram.ts';
import { p2pDriverRefuses } from './p2p/driver-refuses.ts';
import { p2pGuestWithoutAts } from './p2p/guest-without-ats.ts';
import { p2pHostDoesNotForward } from './p2p/host-does-not-forward.ts';
import { p2pIommuTranslate } from './p2p/iommu-translate.ts';
import { p2pOtherPartition } from './p2p/other-partition.ts';
import { p2pOtherSocket } from './p2p/other-socket.ts';
import { p2pStorageThroughRootComplex } from './p2p/storage-through-root-complex.ts';
import { partInheritanceCycle } from './part/inheritance-cycle.ts';
import { partKindMismatch } from './part/kind-mismatch.ts';
import { partNoKind } from './part/no-kind.ts';
import { partUnknown } from './part/unknown.ts';
import { partUnused } from './part/unused.ts';
import { partWrongKind } from './part/wrong-kind.ts';
import { payloadIllegalSize } from './payload/illegal-size.ts';
import { payloadMismatch } from './payload/mismatch.ts';
import type { Rule } from './rule.ts';
import { structureEndpointBelowEndpoint } from './structure/endpoint-below-endpoint.ts';
import { structurePortTwoChildren } from './structure/port-two-children.ts';
import { structureRangeMismatch } from './structure/range-mismatch.ts';
import { structureTooLarge } from './structure/too-large.ts';
import { templateExtraArgument } from './template/extra-argument.ts';
import { templateMissingArgument } from './template/missing-argument.ts';
import { templateRecursive } from './template/recursive.ts';
import { templateUnknown } from './template/unknown.ts';
import { templateUnknownParameter } from './template/unknown-parameter.ts';
import { workCannotRun } from './work/cannot-run.ts';
import { workEmpty } from './work/empty.ts';
import { workExpectationFailed } from './work/expectation-failed.ts';
import { workFarCores } from './work/far-cores.ts';
import { workMissingEnd } from './work/missing-end.ts';
import { workMissingSize } from './work/missing-size.ts';
import { workNoMachine } from './work/no-machine.ts';
import { workNotSimulated } from './work/not-simulated.ts';
import { workSameEnds } from './work/same-ends.ts';
import { workZoneWrites } from './work/zone-writes.ts';

/** Every rule, by code. */
export const rules: readonly Rule[] = [
  barAbove4g,
  barResizable,
  barSize,
  barSlots,
  barWindowOverflow,
  busDuplicateDeviceNumber,
  busRangeExhausted,
  busTooManyDevices,
  deviceDmaMask,
  deviceFasterThanLink,
  deviceInterruptCores,
  deviceQueues,
  deviceRelaxedOrdering,
  deviceSubunits,
  hostNumaUnknown,
  hostStagingInOneNode,
  importNotFound,
  importNotPcie,
  importOutsideWorkspace,
  iommuOffWithIsolation,
  iommuSharedGroup,
  iommuStrictInvalidation,
  languageAllowWithoutReason,
  languageAmbiguousName,
  languageBadRange,
  languageBadValue,
  languageDecimalMemory,
  languageExtraValue,
  languageMisplaced,
  languageMissingUnit,
  languageMissingValue,
  languageRepeatedProperty,
  languageSyntax,
  languageTooDeep,
  languageUnknownMetric,
  languageUnknownProperty,
  languageUnknownRule,
  languageUnresolved,
  languageWrongUnit,
  linkAboveChannelRating,
  linkBeyondSlot,
  linkBifurcation,
  linkBitErrors,
  linkIllegalGeneration,
  linkIllegalWidth,
  linkLimitedByEnd,
  linkOversubscribed,
  linkTooManyLanes,
  linkTrainedBeyondEnds,
  linkTrainedLow,
  machineInheritanceCycle,
  namesDuplicate,
  p2pAcsOnRootPort,
  p2pAcsRedirect,
  p2pAcsRedirectDeadEnd,
  p2pBarSmallerThanVram,
  p2pDriverRefuses,
  p2pGuestWithoutAts,
  p2pHostDoesNotForward,
  p2pIommuTranslate,
  p2pOtherPartition,
  p2pOtherSocket,
  p2pStorageThroughRootComplex,
  partInheritanceCycle,
  partKindMismatch,
  partNoKind,
  partUnknown,
  partUnused,
  partWrongKind,
  payloadIllegalSize,
  payloadMismatch,
  structureEndpointBelowEndpoint,
  structurePortTwoChildren,
  structureRangeMismatch,
  structureTooLarge,
  templateExtraArgument,
  templateMissingArgument,
  templateRecursive,
  templateUnknown,
  templateUnknownParameter,
  workCannotRun,
  workEmpty,
  workExpectationFailed,
  workFarCores,
  workMissingEnd,
  workMissingSize,
  workNoMachine,
  workNotSimulated,
  workSameEnds,
  workZoneWrites,
];

const byCode = new Map(rules.map((rule) => [rule.code, rule]));

/** The rule of this code, or undefined. */
export const ruleOf = (code: string): Rule | undefined => byCode.get(code);
