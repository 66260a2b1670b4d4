// npm run pictures [-- stills | recording]: the pictures of README.md, from the real VS Code. They are committed.
import { bootstrap } from './lib/bootstrap.mjs';
import { must } from './lib/run.mjs';

await bootstrap(console.log);
await must('node', ['test/vscode/pictures.ts', ...process.argv.slice(2)], { quiet: false, timeoutSeconds: 900 });
