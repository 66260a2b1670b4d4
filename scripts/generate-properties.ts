// Writes docs/properties.md from the schema: every property, where it may stand, how it is written, an example.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { areas } from '../language/schema/schema.ts';

const lines = [
  '# Properties',
  '',
  'Everything that a line of a block can say, by area. Printed from `language/schema/`: do not edit. A value may always be',
  '`unknown`. [language.md](language.md) explains the rest of the language.',
];
for (const area of areas) {
  lines.push('', `## ${area.title}`, '', '| Property | Where | Values | Meaning | Example |', '|---|---|---|---|---|');
  for (const { name, on, shape, doc, example } of area.properties) {
    const cell = (text: string) => text.replace(/\|/g, '\\|').replace(/\n\s*/g, ' ');
    lines.push(
      `| \`${name}\` | ${on.join(', ')} | ${shape === '' ? '' : `\`${cell(shape)}\``} | ${cell(doc)} | \`${cell(example)}\` |`,
    );
  }
}
writeFileSync(resolve(import.meta.dirname, '../docs/properties.md'), `${lines.join('\n')}\n`);
console.log(`docs/properties.md: ${areas.reduce((sum, area) => sum + area.properties.length, 0)} properties`);
