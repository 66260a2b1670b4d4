// Simulated commands per second of the storage model, and memory for a command that is outstanding.
//   node --expose-gc bench/devices.ts
import { CommandTable } from '../simulator/devices/command-table.ts';
import type { Engine } from '../simulator/drivers/block/costs.ts';
import { runDrives } from './storage-setup.ts';

console.log(
  '| drives | engine | commands | seconds | commands/s | events/command | IOPS of a drive | heap a command, B |',
);
console.log('|--:|---|--:|--:|--:|--:|--:|--:|');
for (const [drives, engine, commands, depth] of [
  [1, 'io_uring', 200_000, 128],
  [24, 'io_uring', 1_000_000, 128],
  [24, 'spdk', 1_000_000, 128],
  [24, 'io_uring', 200_000, 1],
  [24, 'io_uring', 1_000_000, 1000],
] as const) {
  report(drives, engine, commands, depth);
}

function report(drives: number, engine: Engine, commands: number, depth: number): void {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const started = process.cpuUsage();
  const requests = Math.round(commands / drives);
  const run = runDrives({ drives, engine, threads: 4, job: { depth, requests, spanBytes: 3.84e12 } });
  const { user, system } = process.cpuUsage(started);
  globalThis.gc?.();
  const after = process.memoryUsage();
  const seconds = (user + system) / 1e6;
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const simulated = run.loop.now / 1e12;
  const cells = [
    drives,
    `${engine}, depth ${depth}`,
    commands,
    seconds.toFixed(2),
    Math.round(commands / seconds),
    (run.loop.handled / commands).toFixed(1),
    Math.round(commands / simulated / drives),
    `${Math.round(bytes / run.commands.mostOutstanding)} (table ${CommandTable.bytesPerCommand}), ${run.commands.mostOutstanding} outstanding`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
