import { isPayloadSize } from '../../../model/link/tlp.ts';
import { formatBytes } from '../../../model/quantity.ts';
import { replaceAt, saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Max_Payload_Size and Max_Read_Request_Size are powers of two from 128 to 4096 bytes (PCI Express Base Specification, Device Control register). */
export const payloadIllegalSize: Rule = {
  code: 'payload/illegal-size',
  title: 'A payload or read-request size that does not exist',
  severity: 'error',
  layer: 'link',
  incidents: [],
  checkMachine: ({ machine }, report) => {
    const fields = [
      ['maxPayloadBytes', 'mps'],
      ['maxPayloadSupportedBytes', 'max-payload-supported'],
      ['maxReadRequestBytes', 'mrrs'],
    ] as const;
    for (const component of machine.components) {
      for (const [field, name] of fields) {
        const bytes = component.settings[field];
        if (bytes === undefined || isPayloadSize(bytes)) continue;
        const near = bytes < 128 ? 128 : bytes > 4096 ? 4096 : 2 ** Math.floor(Math.log2(bytes));
        report({
          message: `${name} of ${component.name} is ${formatBytes(bytes)}: it is a power of two from 128 B to 4096 B.`,
          place: saidAt(component, field),
          subjects: [component.name],
          fixes: replaceAt(component, field, `Write ${name} ${near} B`, `${name} ${near} B`),
        });
      }
    }
  },
};
