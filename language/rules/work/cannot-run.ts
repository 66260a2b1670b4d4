import { refusedWork } from '../../../simulator/refused.ts';
import type { Rule } from '../rule.ts';

/** A job or a process that the simulator leaves out: the driver, the drive or what it asks for does not allow it. */
export const workCannotRun: Rule = {
  code: 'work/cannot-run',
  title: 'Work that cannot run as it stands',
  severity: 'error',
  layer: 'driver',
  incidents: [],
  checkMachine: ({ machine, work, problems }, report) => {
    for (const { message, origin } of refusedWork(machine, work)) {
      // A name that nothing has is reported where it stands.
      const said = problems.some(({ code, node }) => {
        const { offset = -1 } = node.$cstNode ?? {};
        return code === 'language/unresolved' && offset >= origin.offset && offset < origin.end;
      });
      if (!said) report({ message, place: { origin } });
    }
  },
};
