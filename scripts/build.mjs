// npm run build [-- --production] [-- --strict]: the bundles, from a fresh clone as well.
import { bootstrap } from './lib/bootstrap.mjs';
import { must } from './lib/run.mjs';

await bootstrap(console.log);
await must('node', ['esbuild.mjs', ...process.argv.slice(2)], { quiet: false, timeoutSeconds: 120 });
