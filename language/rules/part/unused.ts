import type { Part } from '../../generated/ast.ts';
import type { Rule } from '../rule.ts';

/** It may be a leftover, or a component may have lost its `: part`. */
export const partUnused: Rule = {
  code: 'part/unused',
  title: 'A part that nothing uses',
  severity: 'hint',
  layer: 'language',
  incidents: [],
  checkFile: (elaboration, report) => {
    const used = new Set(
      elaboration.machines.flatMap((machine) => [
        ...machine.machine.components.flatMap((component) => component.parts),
        ...machine.machine.connections.map((one) => one.part),
      ]),
    );
    const [machine] = elaboration.machines;
    // A file without a machine is a library: others use its parts.
    if (machine === undefined) return;
    const file = machine.node.$container;
    if (file?.$type !== 'PcieFile') return;
    const parts = file.statements.filter(
      (statement): statement is Part => statement.$type === 'Part' && statement.name !== undefined,
    );
    const bases = new Set(parts.map((part) => part.base?.$refText));
    for (const part of parts) {
      if (!used.has(part.name) && !bases.has(part.name))
        report({
          message: `Nothing uses the part ${part.name}.`,
          place: { node: part, property: 'name' },
          subjects: [part.name],
        });
    }
  },
};
