import { socketOf } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** The bus addresses of memory lie beyond what the DMA engine can form. */
export const deviceDmaMask: Rule = {
  code: 'device/dma-mask',
  title: 'A device that cannot address the memory',
  severity: 'error',
  layer: 'kernel',
  incidents: ['dma-mask'],
  checkMachine: ({ machine }, report) => {
    for (const device of machine.components) {
      const { dmaBits } = device.settings;
      const socket = socketOf(machine, device.id);
      if (dmaBits === undefined || socket === null) continue;
      const window = socket.settings.inboundWindow;
      const end =
        window === undefined ? BigInt(Math.ceil(socket.settings.memoryBytes ?? 0)) : window.base + window.bytes;
      if (end <= 1n << BigInt(dmaBits)) continue;
      const bits = (end - 1n).toString(2).length;
      report({
        message: `${device.name} forms addresses of ${dmaBits} bits; the memory of ${socket.name} ends at 0x${end.toString(16)} on the bus and needs ${bits}.`,
        place: saidAt(device, 'dmaBits'),
        subjects: [device.name],
      });
    }
  },
};
