// npm run accuracy [FILE]: predicts every row of measured.csv and writes docs/accuracy.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { blindRows } from './blind.ts';
import { crossCheck } from './cross-check.ts';
import { allIncidents, incidentLines } from './incidents.ts';
import { judge } from './predict.ts';
import { report } from './report.ts';
import { parseRows } from './row.ts';
import { compare, families } from './statistics.ts';

const root = resolve(import.meta.dirname, '../..');
const file = resolve(process.argv[2] ?? resolve(root, '../shared/data/measured/measured.csv'));
if (!existsSync(file)) {
  process.stderr.write(`${file}: there is no such file: name the measurements, npm run accuracy -- FILE.csv\n`);
  process.exit(2);
}
const rows = parseRows(readFileSync(file, 'utf8'));
const judged = await judge(rows);
writeFileSync(
  resolve(root, 'docs/accuracy.md'),
  report(judged, await crossCheck(rows), await blindRows(), incidentLines(await allIncidents())),
);
const { each, whole, overFamilies } = families(judged);
const percent = (value: number) => (Number.isFinite(value) ? `${(value * 100).toFixed(1)} %` : '-');
for (const one of each) {
  process.stdout.write(
    `${one.name.padEnd(42)} ${String(one.rows).padStart(4)} rows  median ${percent(one.median).padStart(7)}  ` +
      `within 15 % ${percent(one.within).padStart(7)}  unknown ${one.unknown}\n`,
  );
}
process.stdout.write(
  `${compare(judged).length} of ${rows.length} rows, median ${percent(whole.median)}, within 15 % ${percent(whole.within)}, ` +
    `over families ${percent(overFamilies)}\n`,
);
