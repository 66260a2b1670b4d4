import { componentAt, type Machine } from '../model/machine.ts';
import type { Origin } from '../model/origin.ts';
import type { OtherActivity, Work } from '../model/work.ts';
import { refusesCollective } from './collectives/collective.ts';
import { refusesStreams } from './drivers/gpu/drivers.ts';
import { deniedBy, withoutInstance } from './drivers/gpu/process.ts';
import { isPacketJob } from './drivers/nic/frames.ts';
import { isVerbJob } from './drivers/nic/job.ts';
import { withoutNode } from './drivers/nodes.ts';
import { readJob } from './jobs/read-job.ts';
import { refusesPipeline } from './pipelines.ts';

/** Work that a run leaves out, and why, as can be told without running it. */
export interface Refused {
  readonly message: string;
  readonly origin: Origin;
}

/** Jobs, processes, collectives and pipelines that cannot run on a machine as they stand. */
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
      const refusal = refusesActivity(machine, activity);
      if (refusal !== null) return [{ message: refusal, origin: activity.origin }];
      if (activity.kind !== 'job' || isVerbJob(machine, activity) || isPacketJob(machine, activity)) return [];
      const read = readJob(machine, activity);
      return typeof read === 'string' ? [{ message: read, origin: activity.origin }] : [];
    }),
  ]);
}

/** Why a collective or a pipeline cannot run, or null: of those that say how much they move. */
function refusesActivity(machine: Machine, activity: OtherActivity): string | null {
  const { kind, name, children, settings } = activity;
  if (kind === 'collective' && typeof settings.bytes === 'number') {
    const refusal = refusesCollective(machine, activity);
    return refusal === null ? null : `collective ${name}: ${refusal}`;
  }
  if (kind !== 'pipeline' || children.length === 0) return null;
  const refusal = refusesPipeline(machine, activity);
  return refusal === null ? null : `pipeline ${name}: ${refusal}`;
}
