import { componentAt, type Machine } from '../model/machine.ts';
import type { Origin } from '../model/origin.ts';
import type { Work } from '../model/work.ts';
import { refusesStreams } from './drivers/gpu/drivers.ts';
import { deniedBy, withoutInstance } from './drivers/gpu/process.ts';
import { isPacketJob } from './drivers/nic/frames.ts';
import { isVerbJob } from './drivers/nic/job.ts';
import { withoutNode } from './drivers/nodes.ts';
import { readJob } from './jobs/read-job.ts';

/** Work that a run leaves out, and why, as can be told without running it. */
export interface Refused {
  readonly message: string;
  readonly origin: Origin;
}

/** Jobs and processes that cannot run on a machine as they stand. */
export function refusedWork(machine: Machine, work: Work): Refused[] {
  return work.scenarios.flatMap(({ activities, processes }) => [
    ...processes.flatMap(({ name, device, instance, opens, streams, origin }): Refused[] => {
      const gpu = componentAt(machine, device);
      const reason =
        refusesStreams(gpu) ?? withoutInstance(gpu, instance ?? null) ?? withoutNode(machine, device, opens);
      const say = (message: string, at: Origin) => ({ message: `process ${name}: ${message}`, origin: at });
      if (reason !== null) return [say(reason.message, origin)];
      return streams.flatMap(({ context = '', operations }) =>
        operations.flatMap((operation) => {
          const denied = deniedBy(machine, name, context, operation, gpu);
          return denied === null ? [] : [say(denied.message, operation.origin)];
        }),
      );
    }),
    ...activities.flatMap((activity): Refused[] => {
      if (activity.kind !== 'job' || isVerbJob(machine, activity) || isPacketJob(machine, activity)) return [];
      const read = readJob(machine, activity);
      return typeof read === 'string' ? [{ message: read, origin: activity.origin }] : [];
    }),
  ]);
}
