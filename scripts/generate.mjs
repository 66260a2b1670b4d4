// npm run generate: the parser from the grammar, then what scripts/generate-*.mjs write. The result is committed.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { must, root } from './lib/run.mjs';

await bootstrap(console.log);
await must('langium', ['generate'], { quiet: false, timeoutSeconds: 120 });
const scripts = readdirSync(join(root, 'scripts')).filter((name) => /^generate-.*\.(mjs|ts)$/.test(name));
for (const name of scripts.sort()) {
  await must('node', [join('scripts', name)], { quiet: false, timeoutSeconds: 120 });
}
