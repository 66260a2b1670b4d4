// How soon a run notices that it was cancelled: the longest stretch of processor time in which it asks nobody, from the message
// to the simulator's worker to its answer, at every fidelity and for every kind of work.
//   node bench/cancel.ts [--where] [name …]    --where: the stack at the end of the longest stretch
import { EmptyFileSystem, URI } from 'langium';
import { createPcieServices } from '../language/module.ts';
import { loadCatalogue } from '../language/services/catalogue.ts';
import type { ToWorker } from '../server/runs/messages.ts';
import { serveJob } from '../server/runs/serve.ts';
import type { Fidelity } from '../simulator/simulate.types.ts';
import { loadOf, serverOf } from './servers.ts';
import { quantile } from './statistics.ts';

const { shared, pcie } = createPcieServices(EmptyFileSystem);
await shared.workspace.DocumentBuilder.build(loadCatalogue(shared), { validation: false });
const [withStack, ...only] =
  process.argv[2] === '--where' ? [true, ...process.argv.slice(3)] : [false, ...process.argv.slice(2)];

/** A run that takes longer is ended: what it does by then it does to the end. Processor seconds. */
const longestRun = 10;
let documents = 0;

interface Work {
  readonly text: string;
  readonly fidelities: readonly Fidelity[];
}

const all = ['ideal', 'flow', 'packet'] as const;
const works: Readonly<Record<string, Work>> = {
  'all at once': { text: serverOf(64) + loadOf(1500, 64, () => 2 ** 24, 0), fidelities: all },
  'start by start': {
    text: serverOf(64) + loadOf(4000, 64, (next) => 2 ** Math.floor(6 + 18 * next), 20_000),
    fidelities: all,
  },
  'thousand GPUs': { text: serverOf(1024) + loadOf(6000, 1024, () => 2 ** 22, 5000), fidelities: all },
  'one transfer': { text: serverOf(1024) + loadOf(1, 1024, () => 2 ** 30, 0), fidelities: all },
  rounds: {
    text: `${serverOf(8)}transfer r from gpu0 to gpu1 { size 64 KiB; repeat 1000000 }`.replace('; ', '\n'),
    fidelities: all,
  },
  collective: {
    text: `${serverOf(64)}collective sum over gpu[0..63] {\noperation all-to-all\nsize 1 GiB\n}`,
    fidelities: all,
  },
  pipeline: {
    text: `${serverOf(8)}pipeline p {\nstage in from ssd0 to gpu0 {\nsize 1 MiB\nrepeat 3000\n}\nstage out from gpu0 to gpu1 {\nsize 1 MiB\n}\n}`,
    fidelities: all,
  },
  job: {
    text: `${serverOf(8)}job j on ssd[0..3] {\npattern randread\nblock 4 KiB\ndepth 64\nengine io_uring\nruntime 5 s\n}`,
    fidelities: ['flow'],
  },
  'jobs and transfers': {
    text: `${serverOf(8)}scenario s {\njob j on ssd[0..3] {\npattern read\nblock 128 KiB\ndepth 64\nengine io_uring\nruntime 50 ms\n}\n${plain(500, 8)}}`,
    fidelities: ['flow'],
  },
  frames: {
    text: `${serverOf(8)}job f on nic0 to cpu0 {\nengine dpdk\nblock 64 B\nsize 1 GiB\n}`,
    fidelities: ['flow', 'packet'],
  },
  streams: {
    text: `${serverOf(8)}scenario train {\nprocess train on gpu0 {\nstream s0 {\n${'copy h2d 1 MiB\nkernel 10 us\n'.repeat(1500)}}\n}\n}`,
    fidelities: all,
  },
};

function plain(count: number, gpus: number): string {
  return loadOf(count, gpus, () => 2 ** 24, 0)
    .split('\n')
    .slice(1, -1)
    .join('\n');
}

interface Seen {
  readonly longest: number;
  readonly checks: number;
  readonly seconds: number;
  readonly progress: number;
  readonly ended: boolean;
  readonly where: string;
}

/** Serves a message and watches how long it goes on between two looks at whether it is cancelled. */
function watch(message: ToWorker): Seen {
  const now = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1e6;
  };
  const started = now();
  let last = started;
  let longest = 0;
  let checks = 0;
  let progress = 0;
  let ended = true;
  let where = '';
  const look = () => {
    const at = now();
    if (at - last > longest) {
      longest = at - last;
      if (withStack) where = new Error().stack?.split('\n').slice(3, 12).join('\n') ?? '';
    }
    last = at;
    return at - started;
  };
  serveJob(
    message,
    (answer) => {
      if (answer.kind === 'progress') progress++;
      else if (answer.kind === 'cancelled') ended = false;
      else if (answer.kind === 'failed') throw new Error(answer.stack);
    },
    () => {
      checks++;
      return look() > longestRun;
    },
  );
  return { longest, checks, progress, ended, seconds: look(), where };
}

async function elaborated(text: string) {
  const uri = URI.parse(`file:///cancel/${documents++}.pcie`);
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document], { validation: false });
  const [first] = document.parseResult.parserErrors;
  if (first !== undefined) throw new Error(`${first.message}: ${text.slice(0, 200)}`);
  const [machine] = pcie.Elaborations.get(document).machines;
  if (machine === undefined) throw new Error('no machine');
  return { machine: machine.machine, work: machine.work };
}

console.log('| work | fidelity | run, s | asked | longest stretch without, ms | progress |');
console.log('|---|---|--:|--:|--:|--:|');
const longest: number[] = [];
for (const [name, { text, fidelities }] of Object.entries(works)) {
  if (only.length > 0 && !only.includes(name)) continue;
  for (const fidelity of fidelities) {
    // As the worker gets it: nothing is known of this machine yet.
    const { machine, work } = structuredClone(await elaborated(text));
    const options = { fidelity };
    const seen = watch({ kind: 'run', id: 1, machine, work, options, explain: true, findings: null, cancel: null });
    longest.push(seen.longest);
    const run = `${seen.seconds.toFixed(2)}${seen.ended ? '' : ', cancelled'}`;
    console.log(
      `| ${[name, fidelity, run, seen.checks, (seen.longest * 1000).toFixed(1), seen.progress].join(' | ')} |`,
    );
    if (withStack) console.error(seen.where);
  }
}
console.log(`\nThe longest of all: ${(quantile(longest, 1) * 1000).toFixed(1)} ms of processor time; wanted: 50.`);
