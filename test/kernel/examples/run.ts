// npm run test:kernel:examples [-- FILE…]
// Every example exported for QEMU, booted with the real kernel, read back there, and compared with the design. A row for each,
// as docs/kernel.md has them; what no note of the export says counts as wrong.
import { readdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { load } from '../../../cli/load.ts';
import { missingToBoot } from '../boot/boot.ts';
import { compareExample, type ExampleResult } from './compare-example.ts';

const missing = missingToBoot();
if (missing !== null) throw new Error(missing);

const folder = resolve(import.meta.dirname, '../../../examples');
const named = process.argv.slice(2);
const files =
  named.length > 0
    ? named.map((file) => resolve(file))
    : readdirSync(folder, { recursive: true, encoding: 'utf8' })
        // What is wrong in the text is not what a machine could be.
        .filter((file) => file.endsWith('.pcie') && file !== 'mistakes.pcie')
        .sort()
        .map((file) => resolve(folder, file));

let wrong = 0;
let count = 0;
console.log('| example | firmware | functions | kernel, our discovery | not shown, and said so | not said |');
console.log('|---|---|--:|--:|---|--:|');
for (const file of files) {
  const { pcie, documents } = await load([file]);
  for (const document of documents) {
    for (const { machine } of pcie.Elaborations.get(document).machines) {
      count++;
      const name = relative(folder, file).replace(/\.pcie$/, '');
      try {
        const result = await compareExample(machine);
        if (result.differences.length + result.unsaid.length > 0) wrong++;
        const { firmware, functions, differences, unsaid } = result;
        const row = [name, firmware, functions, differences.length, lossesOf(result), unsaid.length];
        console.log(`| ${row.join(' | ')} |`);
        for (const one of [...differences, ...unsaid]) console.log(`  ${JSON.stringify(one)}`);
      } catch (error) {
        wrong++;
        console.log(`| ${name} | | | not booted | | |\n${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
console.log(`${count} machines booted, ${wrong} wrong`);
process.exitCode = wrong > 0 ? 1 : 0;

/** What the notes of the export are about, with the number of functions. */
function lossesOf({ losses }: ExampleResult): string {
  const counts = new Map<string, number>();
  for (const { about, names } of losses) counts.set(about, (counts.get(about) ?? 0) + names.length);
  return [...counts].map(([about, number]) => (number === 0 ? about : `${about} ${number}`)).join(', ');
}
