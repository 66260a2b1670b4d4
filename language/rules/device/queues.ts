import { socketOf } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Commands that AHCI keeps (Serial ATA AHCI 1.3.1, section 3.1.1, CAP.NCS). */
const ahciQueue = 32;

/** A drive with one queue pair and one interrupt for each core needs no locks and wakes no other core. */
export const deviceQueues: Rule = {
  code: 'device/queues',
  title: 'Fewer queues or vectors than the work wants',
  severity: 'information',
  layer: 'driver',
  incidents: ['nvme-queues'],
  checkMachine: ({ machine }, report) => {
    for (const drive of machine.components) {
      const { queuePairs, queueDepth, msixVectors } = drive.settings;
      if (drive.kind === 'sata' && ((queuePairs ?? 1) > 1 || (queueDepth ?? 1) > ahciQueue)) {
        report({
          message: `${drive.name} is SATA: AHCI has one queue of ${ahciQueue} commands, whatever the drive says.`,
          place: saidAt(drive, (queuePairs ?? 1) > 1 ? 'queuePairs' : 'queueDepth'),
          subjects: [drive.name],
        });
      }
      if (drive.kind === 'nvme' && queueDepth !== undefined && queueDepth < 2) {
        report({
          message: `${drive.name}: a queue of ${queueDepth} entry holds no command, since one stays empty: NVMe queues have 2 at least.`,
          place: saidAt(drive, 'queueDepth'),
          subjects: [drive.name],
        });
      }
      if (drive.kind !== 'nvme') continue;
      if (queuePairs !== undefined && msixVectors !== undefined && msixVectors < queuePairs + 1) {
        report({
          message: `${drive.name} has ${queuePairs} queue pairs and ${msixVectors} MSI-X vectors: with its admin queue it wants ${queuePairs + 1}, so queues share interrupts.`,
          place: saidAt(drive, 'msixVectors'),
          subjects: [drive.name],
        });
      }
      const socket = socketOf(machine, drive.id);
      const cores = socket?.settings.cores;
      if (queuePairs === undefined && msixVectors !== undefined && cores !== undefined && msixVectors < cores + 1) {
        report({
          message: `${drive.name} has ${msixVectors} MSI-X vectors for ${cores} cores and its admin queue: cores share interrupts, and completions wake cores that did not ask for them.`,
          place: saidAt(drive, 'msixVectors'),
          subjects: [drive.name],
        });
      }
      if (queuePairs !== undefined && cores !== undefined && queuePairs < cores) {
        report({
          message: `${drive.name} has ${queuePairs} queue pairs for ${cores} cores: cores share queues.`,
          place: saidAt(drive, 'queuePairs'),
          subjects: [drive.name],
        });
      }
    }
  },
};
