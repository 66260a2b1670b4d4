import { type AcsBit, acsBits } from '../../model/machine.ts';
import { endpointKinds, linked } from './kinds.ts';
import { type ComponentDraft, type PropertySchema, property, setting } from './property.ts';
import { flag, integer, list, oneOf, quantity } from './readers.ts';

const bytes = quantity('bytes');
const seconds = quantity('seconds');
const count = integer(0, Number.MAX_SAFE_INTEGER);

type P = PropertySchema<ComponentDraft>;

/** Transaction-layer settings. */
export const transactionProperties: readonly P[] = [
  setting(
    'max-payload-supported',
    'maxPayloadSupportedBytes',
    [...linked, 'socket'],
    bytes,
    'Largest payload that the function supports (Device Capabilities).',
    'max-payload-supported 512 B',
  ),
  setting('mps', 'maxPayloadBytes', linked, bytes, 'Max_Payload_Size as set (Device Control).', 'mps 256 B'),
  setting('mrrs', 'maxReadRequestBytes', linked, bytes, 'Max_Read_Request_Size as set (Device Control).', 'mrrs 512 B'),
  setting(
    'rcb',
    'readCompletionBoundaryBytes',
    [...linked, 'socket'],
    bytes,
    'Read Completion Boundary: 64 or 128 bytes.',
    'rcb 64 B',
  ),
  setting('extended-tags', 'extendedTags', linked, flag, '8-bit tags.', 'extended-tags on'),
  setting('ten-bit-tags', 'tenBitTags', linked, flag, '10-bit tags.', 'ten-bit-tags on'),
  setting('fourteen-bit-tags', 'fourteenBitTags', linked, flag, '14-bit tags (Flit Mode).', 'fourteen-bit-tags on'),
  setting('ecrc', 'ecrc', linked, flag, 'Generates ECRC: 4 B more on each TLP that it sends.', 'ecrc on'),
  setting(
    'tlp-prefixes',
    'tlpPrefixes',
    linked,
    integer(0, 4),
    'End-to-End prefixes (PASID, TPH) on each of its requests, 4 B each.',
    'tlp-prefixes 1',
  ),
  setting('relaxed-ordering', 'relaxedOrdering', linked, flag, 'Relaxed Ordering enabled.', 'relaxed-ordering on'),
  setting('atomics', 'atomics', linked, flag, 'AtomicOp routing or completion.', 'atomics on'),
  setting('ats', 'ats', linked, flag, 'Address Translation Services.', 'ats on'),
  setting(
    'ats-cache',
    'atsCacheEntries',
    endpointKinds,
    integer(1, Number.MAX_SAFE_INTEGER),
    'Translations that its Address Translation Cache holds. Unsaid: enough for all that it touches.',
    'ats-cache 512',
  ),
  setting('pasid', 'pasid', linked, flag, 'Process Address Space IDs.', 'pasid on'),
  setting('ari', 'ari', linked, flag, 'Alternative Routing-ID Interpretation.', 'ari on'),
  setting(
    'integrated',
    'integrated',
    endpointKinds,
    flag,
    'On a root bus: a Root Complex Integrated Endpoint, or a function of conventional PCI. Unsaid: by its class.',
    'integrated off',
  ),
  setting('dma-bits', 'dmaBits', endpointKinds, integer(24, 64), 'Address width of the DMA engine.', 'dma-bits 47'),
  setting(
    'outstanding-reads',
    'outstandingReads',
    [...linked, 'socket'],
    count,
    'Reads that the device keeps in flight.',
    'outstanding-reads 256',
  ),
  setting(
    'latency',
    'latencySeconds',
    linked,
    seconds,
    'Time through a switch or chipset port to port, or of the device itself.',
    'latency 105 ns',
  ),
];

/** Access control. */
export const acsProperties: readonly P[] = [
  property(
    'acs',
    ['root-port', 'port', 'switch', ...endpointKinds],
    `off | none | default | (${acsBits.join(' | ')}) …`,
    'ACS after boot: cleared, absent, as firmware and kernel leave it, or exactly these bits. On a switch: for all its ports.',
    'acs off',
    (cursor, target, place) => {
      target.acsOrigin = place.origin;
      for (const setting of ['off', 'none', 'default'] as const) {
        if (cursor.takeWord(setting)) {
          target.acs = setting;
          return;
        }
      }
      const bits = list(oneOf(...acsBits)).read(cursor);
      if (bits !== undefined) target.acs = sortBits(bits);
    },
    { offers: ['off', 'none', 'default', ...acsBits] },
  ),
  property(
    'acs-capable',
    ['root-port', 'port', 'switch', ...endpointKinds],
    `(${acsBits.join(' | ')}) …`,
    'Bits of the ACS capability.',
    'acs-capable SV TB RR CR UF',
    (cursor, target) => {
      const bits = list(oneOf(...acsBits)).read(cursor);
      if (bits !== undefined) target.acsCapability = sortBits(bits);
    },
    { offers: acsBits },
  ),
];

function sortBits(bits: readonly AcsBit[]): AcsBit[] {
  return acsBits.filter((bit) => bits.includes(bit));
}
