// Writes docs/rules/index.json from the rules themselves: code, title, severity, layer, incident classes.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { rules } from '../language/rules/registry.ts';

const index = [...rules]
  .sort((a, b) => (a.code < b.code ? -1 : 1))
  .map(({ code, title, severity, layer, incidents }) => ({ code, title, severity, layer, incidents }));
writeFileSync(resolve(import.meta.dirname, '../docs/rules/index.json'), `${JSON.stringify(index, null, 2)}\n`);
console.log(`docs/rules/index.json: ${index.length} rules`);
