import { type Component, componentAt } from '../../../model/machine.ts';
import type { OtherActivity } from '../../../model/work.ts';
import type { Rule } from '../rule.ts';

/** A zone takes writes at its pointer, and only some zones may be open: what does not fit is refused command by command. */
export const workZoneWrites: Rule = {
  code: 'work/zone-writes',
  title: 'Writes that zones refuse',
  severity: 'warning',
  layer: 'driver',
  incidents: [],
  checkMachine: ({ machine, work }, report) => {
    for (const { activities } of work.scenarios) {
      for (const job of activities) {
        if (job.kind !== 'job') continue;
        for (const { component } of job.on) {
          const message = refusedBy(componentAt(machine, component), job);
          if (message !== null)
            report({ message, place: { origin: job.origin }, subjects: [componentAt(machine, component).name] });
        }
      }
    }
  },
};

function refusedBy(drive: Component, { name, settings }: OtherActivity): string | null {
  const { pattern, namespace, jobs } = settings;
  const all = drive.subunits.filter(({ kind }) => kind === 'namespace');
  const one = typeof namespace === 'string' ? all.find(({ label }) => label === namespace) : all[0];
  const { zoneBytes, openZones } = one?.settings ?? {};
  if (one === undefined || typeof zoneBytes !== 'number' || zoneBytes <= 0) return null;
  const where = `namespace ${one.label} of ${drive.name}`;
  if (pattern === 'randwrite' || pattern === 'randrw')
    return `job ${name}: ${where} takes writes in each zone in order, so that it refuses nearly all of these: \`write\`, or \`append\`.`;
  const threads = typeof jobs === 'number' ? jobs : 1;
  const writes = pattern === 'write' || pattern === 'append' || pattern === 'readwrite';
  if (writes && typeof openZones === 'number' && threads > openZones)
    return `job ${name}: ${threads} threads write ${threads} zones, and ${where} has ${openZones} open at most: it refuses the writes of the others.`;
  return null;
}
