// npm run bench: every benchmark, one after the other, and docs/benchmarks.md from what they print.
//   npm run bench                     all of it: about ten minutes
//   npm run bench -- editor flows     only these; the page keeps what it has of the others
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';

interface Section {
  readonly title: string;
  readonly about: string;
}

const sections: Readonly<Record<string, Section>> = {
  editor: {
    title: 'What an editor waits for',
    about:
      'A machine and a Prisma schema of the same number of lines, over the protocol, without debounce; a keystroke is one letter typed or removed, until its diagnostics arrive.',
  },
  size: { title: 'Start and size', about: 'The bundles as they ship, and how long the server takes to answer first.' },
  discovery: {
    title: 'The machine at rest',
    about: 'Discovery at boot, IOMMU groups, and the peer matrix of all pairs with its reasons, in processor time.',
  },
  flows: {
    title: 'The sharing core',
    about:
      'Flows per processor second of `runFlows`, beside SimGrid 3.32 (pure max-min) on the same workloads: the faster of its two modes counts. A first run is the first call in a fresh process, with all that is compiled while it runs; medians of five processes, and of five later calls.',
  },
  packet: { title: 'The packet engine', about: 'TLP-hops per processor second, beside a chain of ns-3.' },
  devices: {
    title: 'Devices and drivers',
    about: 'Simulated I/O commands per second, and memory for each outstanding one.',
  },
  runs: {
    title: 'Runs that take long',
    about:
      'Large machines and much work, in processor time: from the message to the worker to its answer, with the explanation.',
  },
  cancel: {
    title: 'How soon a run can be cancelled',
    about:
      'The longest stretch of processor time in which a run does not ask whether it is still wanted, from the message to the worker to its answer; runs of more than 10 s are cancelled then.',
  },
  views: {
    title: 'The views',
    about:
      'A thousand devices: the layout and the topology view by themselves, then in VS Code: from the command to a view that is drawn, and from the key to the frame that shows it. The first webview of a session waits for the workbench to come up, whatever it shows: VS Code’s own preview tells how long. A key is pressed each 0.9 s, twelve letters and then twelve times Backspace; the first letters make the line wider than it ever was, which lets VS Code fade its scroll bars in and out.',
  },
};

const root = resolve(import.meta.dirname, '..');
const page = resolve(root, 'docs/benchmarks.md');
const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in sections));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}`);
  process.exit(2);
}

const before = existsSync(page) ? readFileSync(page, 'utf8') : '';
const parts = new Map<string, string>();
for (const name of Object.keys(sections)) {
  const kept = new RegExp(`<!-- ${name} -->\n([\\s\\S]*?)\n<!-- /${name} -->`).exec(before)?.[1];
  if (kept !== undefined) parts.set(name, kept);
}
let failed = false;
for (const name of named.length > 0 ? named : Object.keys(sections)) {
  const entry = resolve(import.meta.dirname, `${name}.ts`);
  if (!existsSync(entry)) continue;
  console.error(`${name} …`);
  const { stdout, status } = spawnSync(process.execPath, ['--expose-gc', entry], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) {
    failed = true;
    console.error(`${name} failed (${status})`);
    continue;
  }
  const day = new Date().toISOString().slice(0, 10);
  parts.set(name, `\`npm run bench -- ${name}\`, ${day}, ${machine()}\n\n${stdout.trim()}`);
  console.log(stdout);
  write();
}
process.exit(failed ? 1 : 0);

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} cores of ${first?.model.trim() ?? 'an unknown processor'}, Node ${process.versions.node}`;
}

function write(): void {
  const head = [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; each section says its command, day and machine. Absolute times depend on the machine and on',
    'what else it does: what stands beside each other in one table was measured in one run, and its ratio is what counts.',
  ];
  const body = Object.entries(sections).flatMap(([name, { title, about }]) => {
    const part = parts.get(name);
    return part === undefined ? [] : ['', `## ${title}`, '', about, '', `<!-- ${name} -->`, part, `<!-- /${name} -->`];
  });
  writeFileSync(page, `${[...head, ...body].join('\n')}\n`);
}
