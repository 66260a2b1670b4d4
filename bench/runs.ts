// How long runs take that an engineer would wait for: large machines, much work. Processor time from the message to the
// simulator's worker to its answer, with the explanation that the view of results shows.
//   node bench/runs.ts [name …]
import { EmptyFileSystem, URI } from 'langium';
import { createPcieServices } from '../language/module.ts';
import { loadCatalogue } from '../language/services/catalogue.ts';
import { serveJob } from '../server/runs/serve.ts';
import type { Fidelity, RunResult } from '../simulator/simulate.types.ts';
import { drivesOf, loadOf, serverOf } from './servers.ts';

const { shared, pcie } = createPcieServices(EmptyFileSystem);
await shared.workspace.DocumentBuilder.build(loadCatalogue(shared), { validation: false });
const only = process.argv.slice(2);

interface Work {
  readonly text: string;
  readonly fidelities: readonly Fidelity[];
}

const both = ['ideal', 'flow'] as const;
const small = (next: number) => 2 ** Math.floor(6 + 12 * next);
const works: Readonly<Record<string, Work>> = {
  '6,000 transfers, 1,024 GPUs': { text: serverOf(1024) + loadOf(6000, 1024, () => 2 ** 22, 5000), fidelities: both },
  '1,500 transfers at once, 64 GPUs': { text: serverOf(64) + loadOf(1500, 64, () => 2 ** 24, 0), fidelities: both },
  '4,000 transfers start by start, 64 GPUs': {
    text: serverOf(64) + loadOf(4000, 64, (next) => 2 ** Math.floor(6 + 18 * next), 20_000),
    fidelities: both,
  },
  '100,000 transfers start by start, 64 GPUs': {
    text: serverOf(64) + loadOf(100_000, 64, small, 500_000),
    fidelities: both,
  },
  'all-to-all, 64 GPUs': { text: serverOf(64) + collective(64, 'all-to-all'), fidelities: both },
  'all-reduce, 64 GPUs': { text: serverOf(64) + collective(64, 'all-reduce'), fidelities: both },
  'all-to-all, 256 GPUs': { text: serverOf(256) + collective(256, 'all-to-all'), fidelities: both },
  'random reads of 24 drives for an hour': {
    text: `${drivesOf(24)}job j on ssd[0..23] {\npattern randread\nblock 4 KiB\ndepth 32\nengine io_uring\nruntime 1 h\n}`,
    fidelities: ['flow'],
  },
};

function collective(gpus: number, operation: string): string {
  return `collective all over gpu[0..${gpus - 1}] {\noperation ${operation}\nsize 1 GiB\n}`;
}

const seconds = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
};

console.log('| run | fidelity | processor time, s | phases that are kept |');
console.log('|---|---|--:|--:|');
for (const [name, { text, fidelities }] of Object.entries(works)) {
  if (only.length > 0 && !only.includes(name)) continue;
  for (const fidelity of fidelities) {
    const uri = URI.parse(`file:///runs/${encodeURIComponent(name)}-${fidelity}.pcie`);
    const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
    shared.workspace.LangiumDocuments.addDocument(document);
    await shared.workspace.DocumentBuilder.build([document], { validation: false });
    const [first] = pcie.Elaborations.get(document).machines;
    if (first === undefined) throw new Error('no machine');
    // As the worker gets it: nothing is known of this machine yet.
    const { machine, work } = structuredClone({ machine: first.machine, work: first.work });
    const began = seconds();
    let runs: readonly RunResult[] = [];
    serveJob(
      { kind: 'run', id: 1, machine, work, options: { fidelity }, explain: true, findings: null, cancel: null },
      (answer) => {
        if (answer.kind === 'failed') throw new Error(answer.stack);
        if (answer.kind === 'done') runs = answer.result.runs;
      },
    );
    const took = seconds() - began;
    const phases = runs.flatMap((run) =>
      [...run.transfers, ...(run.activities ?? [])].flatMap((one) => one.phases ?? []),
    );
    console.log(`| ${[name, fidelity, took.toFixed(2), phases.length].join(' | ')} |`);
  }
}
