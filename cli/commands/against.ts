import { type Change, compareMachines } from '../../model/compare/changes.ts';
import { scopesOf } from '../../model/compare/scope.ts';
import { changeText } from '../../server/reports/changes.ts';
import { table } from '../../server/reports/table.ts';
import { readAnyMachine } from '../any-machine.ts';
import { exitCodes, Misuse, misuseText } from '../exit.ts';
import { print, printJson } from '../output.ts';

/** What one machine of a fleet came to. */
interface Compared {
  readonly path: string;
  readonly changes: readonly Change[];
  /** Why it could not be read, or null. */
  readonly error: string | null;
}

/**
 * `pcie check --against DESIGN DUMP…`: a fleet against its design. One machine that cannot be read does not hide the
 * others.
 */
export async function checkAgainst(design: string, dumps: readonly string[], json: boolean): Promise<number> {
  const wanted = await readAnyMachine(design);
  const all: Compared[] = [];
  for (const path of dumps) {
    try {
      const found = await readAnyMachine(path);
      const changes = compareMachines(wanted.machine, found.machine, scopesOf(wanted, found));
      all.push({ path, changes, error: null });
    } catch (error) {
      if (!(error instanceof Misuse)) throw error;
      all.push({ path, changes: [], error: misuseText(error) });
    }
  }
  if (json) printJson({ design, machines: all });
  else printFleet(all);
  if (all.some((one) => one.error !== null)) return exitCodes.misuse;
  return all.some((one) => one.changes.length > 0) ? exitCodes.failed : exitCodes.done;
}

function printFleet(all: readonly Compared[]): void {
  const kinds = ['removed', 'added', 'moved', 'changed'] as const;
  const rows = all.map(({ path, changes, error }) => [
    path,
    error === null ? (changes.length === 0 ? 'as designed' : 'differs') : 'unreadable',
    ...kinds.map((kind) => String(changes.filter((change) => change.kind === kind).length)),
  ]);
  print(table(['machine', 'verdict', ...kinds], rows));
  for (const { path, changes, error } of all) {
    if (error !== null) process.stderr.write(`${error}\n`);
    if (changes.length === 0) continue;
    print(`\n${path}`);
    for (const change of changes) print(`  ${changeText(change)}`);
  }
}
