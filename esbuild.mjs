// Bundles the extension, the server, the simulator's worker, the views, the command line and the libraries.
//   node esbuild.mjs [--production] [--strict]
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const production = process.argv.includes('--production');
const strict = process.argv.includes('--strict');
const common = {
  bundle: true,
  minify: production,
  sourcemap: !production,
  target: 'es2023',
  logLevel: 'warning',
  legalComments: 'none',
  loader: { '.css': 'css' },
};
const node = { ...common, platform: 'node', format: 'cjs' };
const browser = { ...common, platform: 'browser', define: { global: 'globalThis' } };
const requireInModule =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** entry file, output file, options */
const bundles = [
  ['client/extension.node.ts', 'dist/extension.cjs', { ...node, external: ['vscode'] }],
  ['server/main.node.ts', 'dist/server.cjs', node],
  ['server/runs/worker.node.ts', 'dist/worker.cjs', node],
  // VS Code takes what does not end in `.cjs` for a module, because the package is one, and runs none in the browser.
  ['client/extension.browser.ts', 'dist/browser/extension.cjs', { ...browser, format: 'cjs', external: ['vscode'] }],
  ['server/main.browser.ts', 'dist/browser/server.js', { ...browser, format: 'iife' }],
  ['server/runs/worker.browser.ts', 'dist/browser/worker.js', { ...browser, format: 'iife' }],
  ['client/views/results/main.ts', 'dist/views/results.js', { ...browser, format: 'iife' }],
  ['client/views/results/results.css', 'dist/views/results.css', browser],
  ['client/views/diagram/main.ts', 'dist/views/diagram.js', { ...browser, format: 'iife' }],
  ['client/views/diagram/diagram.css', 'dist/views/diagram.css', browser],
  ['client/views/matrix/main.ts', 'dist/views/matrix.js', { ...browser, format: 'iife' }],
  ['client/views/matrix/matrix.css', 'dist/views/matrix.css', browser],
  ['client/views/address-map/main.ts', 'dist/views/address-map.js', { ...browser, format: 'iife' }],
  ['client/views/address-map/address-map.css', 'dist/views/address-map.css', browser],
  ['cli/main.ts', 'dist/cli.js', { ...node, format: 'esm', banner: { js: `#!/usr/bin/env node\n${requireInModule}` } }],
  ['library/model.ts', 'dist/model.js', { ...browser, platform: 'neutral', format: 'esm' }],
  ['library/simulator.ts', 'dist/simulator.js', { ...browser, platform: 'neutral', format: 'esm' }],
  [
    'library/formats.ts',
    'dist/formats.js',
    { ...browser, platform: 'neutral', mainFields: ['module', 'main'], format: 'esm' },
  ],
  [
    'library/language.ts',
    'dist/language.js',
    { ...browser, platform: 'neutral', mainFields: ['module', 'main'], format: 'esm' },
  ],
];

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist', { recursive: true });
const missing = bundles.filter(([entry]) => !existsSync(entry));
for (const [entry, outfile] of missing) console.log(`${outfile}: no ${entry}`);
if (strict && missing.length > 0) process.exit(1);
await Promise.all(
  bundles
    .filter(([entry]) => existsSync(entry))
    .map(([entry, outfile, options]) => build({ entryPoints: [entry], outfile, ...options })),
);
chmodSync('dist/cli.js', 0o755);
// Older versions add `.js` to whatever the manifest names.
copyFileSync('dist/browser/extension.cjs', 'dist/browser/extension.cjs.js');
console.log(`built ${bundles.length - missing.length} bundles${production ? ', minified' : ''}`);
