// One workload in a process of its own, for bench/flows.ts: the processor seconds of the first call of `runFlows` and of
// later ones, as JSON; finish times go to a file.
//   node bench/flows-run.ts '<shape as JSON>' <later calls> <file>
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { runFlows } from '../simulator/engine/run-flows.ts';
import { makeWorkload, type WorkloadShape } from './flows-workloads.ts';

const [shape = '{}', later = '0', file] = process.argv.slice(2);
const workload = makeWorkload(JSON.parse(shape) as WorkloadShape);
// What the clock itself costs at first, and what is still compiled of making the workload, are none of the first call.
for (let round = 0; round < 20; round++) process.cpuUsage(process.cpuUsage());
await setTimeout(50);

const seconds: number[] = [];
let finishSeconds: Float64Array = new Float64Array();
for (let call = 0; call <= Number(later); call++) {
  const before = process.cpuUsage();
  ({ finishSeconds } = runFlows(workload));
  const { user, system } = process.cpuUsage(before);
  seconds.push((user + system) / 1e6);
}
if (file !== undefined) writeFileSync(file, finishSeconds);
console.log(JSON.stringify(seconds));
