// npm run test:kernel:p2pdma -- [--count 1000] [--first 1]
// Every pair of devices of random machines: the kernel's own calc_map_type_and_dist, compiled out of Debian's linux-source,
// against ours. The last line says how many pairs were compared and how many differ.
import { parseArgs } from 'node:util';
import { RandomNumbers } from '../random/numbers.ts';
import { comparePeers, randomPeers } from './compare.ts';
import { p2pdmaHarness } from './harness.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '1000' }, first: { type: 'string', default: '1' } },
});
const harness = p2pdmaHarness(true);
if ('missing' in harness) throw new Error(harness.missing);
let pairs = 0;
let differ = 0;
const first = Number(values.first);
const last = first + Number(values.count) - 1;
for (let seed = first; seed <= last; seed++) {
  const result = comparePeers(harness.program, randomPeers(new RandomNumbers(seed)));
  pairs += result.pairs;
  differ += result.differences.length;
  const [one] = result.differences;
  if (one !== undefined) {
    console.log(`seed ${seed}: ${one.provider} and ${one.client}: kernel ${one.kernel}, ours ${one.ours}`);
  }
}
console.log(`${last - first + 1} machines, ${pairs} pairs compared, ${differ} differ`);
process.exit(differ === 0 ? 0 : 1);
