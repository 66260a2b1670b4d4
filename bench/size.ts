// Sizes of the bundles, and the time to the first answers.
//   node bench/size.ts       after `npm run build`
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { TimedServer } from './client.ts';
import { quantile } from './statistics.ts';

const dist = resolve(import.meta.dirname, '../dist');
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  // `extension.cjs.js` is a second name of `extension.cjs`.
  .filter((entry) => entry.isFile() && /^[^.]+\.(js|cjs|css)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
console.log('| bundle | size | packed |');
console.log('|---|--:|--:|');
for (const file of files) {
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
  console.log(
    `| ${relative(dist, file)} | ${kilobytes(statSync(file).size)} | ${kilobytes(gzipSync(readFileSync(file)).length)} |`,
  );
}

const rounds = 7;
const command: number[] = [];
const server: number[] = [];
for (let round = 0; round < rounds; round++) {
  const before = performance.now();
  spawnSync(process.execPath, [join(dist, 'cli.js'), 'link', '--gen', '4', '--lanes', '16']);
  command.push(performance.now() - before);
  const start = performance.now();
  const client = new TimedServer(process.execPath, [join(dist, 'server.cjs'), '--stdio'], 'file:///bench/start.pcie');
  await client.start('file:///bench');
  await client.open('pcie', 'machine m {\n  socket cpu0 {\n    root-port rp0 gen4 x16\n  }\n}\n');
  server.push(performance.now() - start);
  await client.quit();
}
console.log(`\n\`pcie link\` from start to end: ${quantile(command, 0.5).toFixed(0)} ms (median of ${rounds}).`);
console.log(
  `The server from its start to the first diagnostics, catalogue read: ${quantile(server, 0.5).toFixed(0)} ms.`,
);
