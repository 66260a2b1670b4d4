// npm run build [-- --production] [-- --strict]: the bundles, and the types of what the package exports, from a fresh clone
// as well.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { must, root } from './lib/run.mjs';

await bootstrap(console.log);
await must('node', ['esbuild.mjs', ...process.argv.slice(2)], { quiet: false, timeoutSeconds: 120 });
await must('tsc', ['-b', 'library'], { quiet: false, timeoutSeconds: 240 });
const types = join(root, 'dist/types');
rmSync(types, { recursive: true, force: true });
for (const floor of ['library', 'model', 'simulator', 'language', 'formats']) {
  cpSync(join(root, 'build/types', floor), join(types, floor), {
    recursive: true,
    filter: (path) => !/\.\w+$/.test(path) || path.endsWith('.d.ts'),
  });
}
