import { componentAt, socketOf } from '../../../model/machine.ts';
import { hostCores, socketOfCore } from '../../../simulator/jobs/host-cores.ts';
import { coresOf } from '../../../simulator/jobs/read-job.ts';
import type { Rule } from '../rule.ts';

/** Threads of a job on another socket than its drives: doorbells, completions and buffers cross between them. */
export const workFarCores: Rule = {
  code: 'work/far-cores',
  title: 'Threads far from their drives',
  severity: 'information',
  layer: 'performance',
  incidents: ['numa-cross-socket'],
  checkMachine: ({ machine, work }, report) => {
    const sockets = machine.components.filter(({ kind }) => kind === 'socket');
    if (sockets.length < 2 || sockets.some(({ settings }) => settings.cores === undefined)) return;
    const known = hostCores(machine, 1);
    for (const { activities } of work.scenarios) {
      for (const { kind, name, on, settings, origin } of activities) {
        if (kind !== 'job') continue;
        const at = new Set(coresOf(settings.cores).map((core) => socketOfCore(known, core)));
        const far = on.filter(({ component }) => {
          const home = socketOf(machine, component);
          return at.size > 0 && home !== null && !at.has(home.id);
        });
        const [first] = far;
        if (first === undefined) continue;
        const drive = componentAt(machine, first.component);
        const threads = [...at].flatMap((id) => (id === null ? [] : [componentAt(machine, id).name]));
        if (threads.length === 0) continue;
        report({
          message: `job ${name}: its threads are at ${threads.join(', ')}, and ${drive.name} at ${socketOf(machine, drive.id)?.name}: what they tell each other crosses sockets.`,
          place: { origin },
          subjects: [drive.name],
          price: { kind: 'cores', drive: drive.id, threads: String(settings.cores) },
        });
      }
    }
  },
};
