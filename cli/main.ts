import { Command, CommanderError } from 'commander';
import { startNodeServer } from '../server/start.node.ts';
import { type CheckOptions, check } from './commands/check.ts';
import { completion } from './commands/completion.ts';
import { diff } from './commands/diff.ts';
import { type EnumerateOptions, enumerate } from './commands/enumerate.ts';
import { type ExportOptions, exportFormats, exportMachine } from './commands/export.ts';
import { format } from './commands/format.ts';
import { groups } from './commands/groups.ts';
import { type ImportCommandOptions, importMachine } from './commands/import.ts';
import { type LinkOptions, link } from './commands/link.ts';
import { type MatrixOptions, matrix } from './commands/matrix.ts';
import { mcp } from './commands/mcp.ts';
import { type PathOptions, path } from './commands/path.ts';
import { show } from './commands/show.ts';
import { type SimulateOptions, simulate } from './commands/simulate.ts';
import { exitCodes, Misuse, misuseText } from './exit.ts';
import { version } from './version.ts';

let exit: number = exitCodes.done;
const ends = async (code: number | Promise<number>) => {
  exit = await code;
};

const program = new Command('pcie')
  .description('Check, show and simulate machines described in .pcie files.')
  .version(version)
  .exitOverride()
  .showHelpAfterError('(pcie --help lists the commands)');

program
  .command('check')
  .description('all diagnostics')
  .argument('<file...>')
  .option('--format <format>', 'text, json, sarif or github', 'text')
  .option('--json', 'the same as --format json')
  .option('--max-warnings <n>', 'fail on more warnings than this')
  .option('--baseline <file>', 'report only what this file does not know; record today in it if it is not there')
  .option('--against <design>', 'compare machines, described or dumped, with this one')
  .action((files: string[], options: CheckOptions) => ends(check(files, options)));
program
  .command('show')
  .description('the tree: ports, devices, trained links')
  .argument('<file>')
  .option('--machine <name>', 'which machine of the file')
  .option('--json')
  .action((file: string, options: { json?: boolean; machine?: string }) => ends(show(file, options)));
program
  .command('path')
  .description('the way that a transfer takes and why, its bottleneck, bandwidth and latency')
  .argument('<file>')
  .argument('<from>')
  .argument('<to>')
  .option('--via <way>', 'auto, p2p or host')
  .option('--tax <setting>', 'worst-case or measured', 'measured')
  .option('--machine <name>', 'which machine of the file')
  .option('--json')
  .action((file: string, from: string, to: string, options: PathOptions) => ends(path(file, from, to, options)));
program
  .command('matrix')
  .description('the distance classes between devices, as nvidia-smi topo -m prints them')
  .argument('<file>')
  .option('--bandwidth', 'steady rates instead of classes')
  .option('--latency', 'latencies instead of classes')
  .option('--p2p', 'what pci_p2pdma says of each pair')
  .option('--tax <setting>', 'worst-case or measured', 'measured')
  .option('--machine <name>', 'which machine of the file')
  .option('--json')
  .action((file: string, options: MatrixOptions) => ends(matrix(file, options)));
program
  .command('link')
  .description('one link by itself')
  .requiredOption('--gen <n>', 'generation, 1 to 7')
  .requiredOption('--lanes <n>', 'lanes')
  .option('--mps <bytes>', 'Max_Payload_Size', '256')
  .option('--mrrs <bytes>', 'Max_Read_Request_Size', '512')
  .option('--rcb <bytes>', 'Read Completion Boundary', '64')
  .option('--address-bits <n>', '32 or 64', '64')
  .option('--size <bytes>', 'bytes of one transfer', '64')
  .option('--tax <setting>', 'worst-case or measured', 'worst-case')
  .option('--ecrc', 'with end-to-end CRC')
  .option('--rcb-chunks', 'completions split at the RCB')
  .option('--json')
  .action((options: LinkOptions) => ends(link(options)));
program
  .command('enumerate')
  .description('the discovery at boot: bus numbers, BARs and windows')
  .argument('<file>')
  .option('--steps', 'each configuration cycle, and why it is made')
  .option('--firmware <who>', 'linux, seabios or edk2', 'linux')
  .option('--machine <name>', 'which machine of the file')
  .option('--json')
  .action((file: string, options: EnumerateOptions) => ends(enumerate(file, options)));
program
  .command('groups')
  .description('the IOMMU groups')
  .argument('<file>')
  .option('--machine <name>', 'which machine of the file')
  .option('--json')
  .action((file: string, options: { json?: boolean; machine?: string }) => ends(groups(file, options)));
program
  .command('simulate')
  .description('runs transfers and scenarios and checks their expectations')
  .argument('<file>')
  .argument('[name...]')
  .option('--trace <file>', 'write a trace for Perfetto')
  .option('--counters', 'what nvidia-smi, DCGM, pcm-pcie, AER and the NVMe log would show')
  .option('--transfers <csv>', 'replay start_s,from,to,bytes')
  .option('--fidelity <how>', 'ideal, flow or packet', 'flow')
  .option('--tax <setting>', 'worst-case or measured', 'measured')
  .option('--seed <n>', 'seed of everything random', '1')
  .option('--machine <name>', 'which machine of the file')
  .option('--json')
  .action((file: string, names: string[], options: SimulateOptions) => ends(simulate(file, names, options)));
program
  .command('import')
  .description('a real machine as .pcie text: lspci, sysfs, hwloc, nccl, udevadm, nvidia-smi, qemu')
  .argument('<format file...>', 'pairs of a format and a file; several of one machine are merged')
  .option('--name <name>', 'what the machine is called')
  .option('--json', 'the text and the notes for programs')
  .action((pairs: string[], options: ImportCommandOptions) => ends(importMachine(pairs, options)));
program
  .command('export')
  .description('the machine in another format, on standard output')
  .argument('<format>', exportFormats.join(', '))
  .argument('<file>')
  .option('--machine <name>', 'which machine of the file')
  .option('--json', 'the text and the notes for programs')
  .action((to: string, file: string, options: ExportOptions) => ends(exportMachine(to, file, options)));
program
  .command('diff')
  .description('two machines, described or dumped, compared by their structure')
  .argument('<a>')
  .argument('<b>')
  .option('--json')
  .action((first: string, second: string, options: { json?: boolean }) => ends(diff(first, second, options)));
program
  .command('format')
  .description('rewrites files in the one form')
  .argument('<file...>')
  .option('--check', 'change nothing; fail where something would change')
  .option('--json')
  .action((files: string[], options: { check?: boolean; json?: boolean }) => ends(format(files, options)));
program
  .command('lsp')
  .description('the language server, for any editor')
  .option('--stdio', 'over standard input and output')
  .action(() => {
    startNodeServer();
    return new Promise<void>(() => {}); // the server ends the process
  });
program
  .command('mcp')
  .description('tools for assistants (Model Context Protocol) over standard input and output')
  .action(() => ends(mcp()));
program
  .command('completion')
  .description('a script that completes commands in bash, zsh or fish')
  .argument('<shell>')
  .action((shell: string) =>
    ends(
      completion(
        shell,
        program.commands.map((command) => ({
          name: command.name(),
          options: command.options.map((option) => option.long ?? ''),
        })),
      ),
    ),
  );
for (const command of program.commands) command.exitOverride();

// Whoever reads may stop before the end, as `head` does: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    exit = error.exitCode === 0 ? exitCodes.done : exitCodes.misuse;
  } else if (error instanceof Misuse) {
    process.stderr.write(`${misuseText(error)}\n`);
    exit = exitCodes.misuse;
  } else {
    process.stderr.write(
      `pcie: a defect of ours: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    exit = exitCodes.defect;
  }
}
process.exitCode = exit;
