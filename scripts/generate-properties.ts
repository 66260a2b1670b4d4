// Writes docs/properties.md from the schema: every property, where it may stand, how it is written, an example.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { areas } from '../language/schema/schema.ts';

/** Kinds that mostly stand together, by one word. */
const groups: readonly (readonly [word: string, kinds: readonly string[]])[] = [
  ['*devices*', ['gpu', 'nvme', 'nic', 'fpga', 'sata', 'nvswitch', 'device']],
  ['*ports*', ['root-port', 'port']],
];

function placesOf(kinds: readonly string[]): string {
  let rest = [...kinds];
  const words: string[] = [];
  for (const [word, members] of groups) {
    if (!members.every((kind) => rest.includes(kind))) continue;
    words.push(word);
    rest = rest.filter((kind) => !members.includes(kind));
  }
  return [...words, ...rest].join(', ');
}

const lines = [
  '# Properties',
  '',
  'Everything that a line of a block can say, by area. Printed from `language/schema/`: do not edit. A value may always be',
  '`unknown`. [language.md](language.md) explains the rest of the language.',
  '',
  ...groups.map(([word, kinds]) => `- ${word}: ${kinds.map((kind) => `\`${kind}\``).join(', ')}`),
];
for (const area of areas) {
  lines.push('', `## ${area.title}`, '', '| Property | Where | Values | Meaning | Example |', '|---|---|---|---|---|');
  for (const { name, on, shape, doc, example } of area.properties) {
    const cell = (text: string) => text.replace(/\|/g, '\\|').replace(/\n\s*/g, ' ');
    lines.push(
      `| \`${name}\` | ${placesOf(on)} | ${shape === '' ? '' : `\`${cell(shape)}\``} | ${cell(doc)} | \`${cell(example)}\` |`,
    );
  }
}
writeFileSync(resolve(import.meta.dirname, '../docs/properties.md'), `${lines.join('\n')}\n`);
console.log(`docs/properties.md: ${areas.reduce((sum, area) => sum + area.properties.length, 0)} properties`);
