import { replaceAt, saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** The pieces of a divided slot cannot have more lanes than the port, and the port must support the division. */
export const linkBifurcation: Rule = {
  code: 'link/bifurcation',
  title: 'Lanes of a divided slot that do not add up',
  severity: 'error',
  layer: 'link',
  incidents: ['bifurcation'],
  checkMachine: ({ machine }, report) => {
    for (const port of machine.components) {
      const { bifurcation, bifurcationSupported, lanes } = port.settings;
      if (bifurcation === undefined) continue;
      const sum = bifurcation.reduce<number>((total, one) => total + one, 0);
      const place = saidAt(port, 'bifurcation');
      const said = bifurcation.map((one) => `x${one}`).join(' ');
      if (lanes !== undefined && sum > lanes) {
        report({
          message: `${said} adds up to ${sum} lanes; ${port.name} has ${lanes}.`,
          place,
          subjects: [port.name],
        });
      } else if (
        bifurcationSupported !== undefined &&
        !bifurcationSupported.some((one) => one.join() === bifurcation.join())
      ) {
        const [first] = bifurcationSupported;
        const text = first === undefined ? '' : `bifurcation ${first.map((one) => `x${one}`).join(' ')}`;
        report({
          message: `${port.name} cannot be divided as ${said}: it supports ${bifurcationSupported.map((one) => one.map((n) => `x${n}`).join(' ')).join(', ')}. A passive adapter then shows its first device at most.`,
          place,
          subjects: [port.name],
          fixes: text === '' ? [] : replaceAt(port, 'bifurcation', `Write ${text}`, text),
        });
      }
    }
  },
};
