// node test/accuracy/unseen.ts DIR [EACH]: predicts every EACHth row (all of them where absent) of a clone of
// github.com/pcie-bench/data and prints a table by host: hosts that gave no constant stand beside those that did.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchRows } from './pcie-bench.ts';
import { judge } from './predict.ts';
import { median } from './statistics.ts';

const [folder, each = '1'] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Name a clone of github.com/pcie-bench/data.\n');
  process.exit(2);
}
const files = /^(lat_(dma|cmd)_(details|sizes)|bw_dma_sz_sweep|bw_dma_win_sweep_(rd|wr)_rnd_\d+)\.txt$/;
const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
process.stdout.write('| Host | Rows | Median | Within 15 % | Latency | Rate |\n|---|---|---|---|---|---|\n');
for (const host of readdirSync(folder).filter((name) => name.startsWith('nfp6000'))) {
  const rows = readdirSync(join(folder, host))
    .filter((name) => files.test(name))
    .flatMap((name) => benchRows({ folder: host, name, text: readFileSync(join(folder, host, name), 'utf8') }))
    .filter((_, index) => index % Number(each) === 0);
  const errors = (await judge(rows)).flatMap(({ row, measured, prediction }) =>
    measured === null || !('predicted' in prediction)
      ? []
      : [{ error: prediction.predicted / measured - 1, latency: row.unit === 'ns' }],
  );
  const sizes = errors.map(({ error }) => Math.abs(error));
  const within = sizes.filter((size) => size <= 0.15).length / sizes.length;
  const part = (latency: boolean) =>
    percent(median(errors.filter((one) => one.latency === latency).map(({ error }) => Math.abs(error))));
  const name = host.replace(/^nfp6000-[\d.]+GHz_/, '');
  process.stdout.write(
    `| ${name} | ${errors.length} | ${percent(median(sizes))} | ${percent(within)} | ${part(true)} | ${part(false)} |\n`,
  );
}
