import type { AstNode } from 'langium';
import type { Scenario, Transfer } from '../../model/work.ts';
import type { Expectation, Statement } from '../generated/ast.ts';
import type { ElaboratedMachine } from './elaborated.ts';
import type { Problem } from './problem.ts';
import type { ReadWork, Reuse } from './reuse.ts';
import { readActivity, readScenario, readTransfer } from './work.ts';
import { expectationsOf, namesOfWork, type WorkContext } from './work-context.ts';

/** The work of a file, sorted by the machine that it names. Work of an unknown machine goes to the first one. */
export function workByMachine(
  statements: readonly Statement[],
  machines: readonly ElaboratedMachine[],
  problems: Problem[],
): Map<ElaboratedMachine, Statement[]> {
  const result = new Map<ElaboratedMachine, Statement[]>();
  const put = (statement: Statement, machine: ElaboratedMachine | undefined) => {
    if (machine === undefined) {
      problems.push({
        code: 'work/no-machine',
        message: 'There is no machine for this work: declare one here, or import a file that does.',
        node: statement,
        fixes: [],
      });
      return;
    }
    const list = result.get(machine);
    if (list === undefined) result.set(machine, [statement]);
    else list.push(statement);
  };
  const machineOfWork = new Map<string, ElaboratedMachine>();
  for (const statement of statements) {
    if (statement.$type !== 'Transfer' && statement.$type !== 'Scenario' && statement.$type !== 'Activity') continue;
    const machine = machineFor(statement, machines);
    put(statement, machine);
    if (machine !== undefined && statement.name !== undefined) machineOfWork.set(statement.name, machine);
  }
  // What a file expects of its work belongs to the machine of the work that it names.
  for (const statement of statements) {
    if (statement.$type !== 'Expectation') continue;
    const names = referencesOf(statement);
    const byWork = names.map((name) => machineOfWork.get(name)).find((machine) => machine !== undefined);
    put(statement, byWork ?? machineFor(statement, machines));
  }
  return result;
}

function machineFor(statement: Statement, machines: readonly ElaboratedMachine[]): ElaboratedMachine | undefined {
  if (machines.length <= 1) return machines[0];
  const clauses = 'clauses' in statement ? statement.clauses : [];
  const on = clauses.find((clause) => clause.word === 'on')?.targets[0]?.element?.$refText;
  const named = machines.find((machine) => machine.machine.name === on);
  if (named !== undefined) return named;
  const references = statement.$type === 'Expectation' ? referencesOf(statement) : referencesIn(statement);
  let best = machines[0];
  let most = -1;
  for (const machine of machines) {
    const hits = references.filter(
      (text) => text.startsWith(`${machine.machine.name}.`) || machine.names.lookup(text).length > 0,
    ).length;
    if (hits > most) {
      best = machine;
      most = hits;
    }
  }
  return best;
}

/** The names that an expectation mentions. */
function referencesOf({ left, right, subject }: Expectation): string[] {
  const references = [left?.subject, right?.subject, subject].map((reference) => reference?.element?.$refText);
  return references.filter((text) => text !== undefined);
}

/** The names that a piece of work mentions, ranges by their first element. */
function referencesIn(statement: Statement): string[] {
  const texts: string[] = [];
  const visit = (at: Statement): void => {
    if ('clauses' in at) {
      for (const clause of at.clauses) {
        for (const target of clause.targets) {
          const low = target.range?.low;
          const suffix =
            low?.$type === ('NumberOperand' as string) ? String((low as unknown as { number: string }).number) : '';
          if (target.element !== undefined) texts.push(`${target.element.$refText}${suffix}`);
        }
      }
    }
    if (at.$type === 'Timed' && at.statement !== undefined) visit(at.statement);
    if ('members' in at) for (const member of at.members) visit(member);
  };
  visit(statement);
  return texts;
}

/** A machine with the work that these statements ask of it, and what is wrong in them. */
export function elaborateWork(
  structure: ElaboratedMachine,
  statements: readonly Statement[],
  reuse: Reuse | undefined,
): ElaboratedMachine {
  const problems: Problem[] = [];
  const fresh = namesOfWork(statements);
  const work = reuse?.sameNamesOfWork(structure.machine.name, fresh) ?? fresh;
  const context: WorkContext = { machine: structure.machine, names: structure.names, problems, work };
  const transfers: Transfer[] = [];
  const scenarios: Scenario[] = [];
  const transfersOf = new Map<AstNode, readonly Transfer[]>();
  const scenarioOf = new Map<AstNode, Scenario>();
  const named = new Map<string, Statement>();
  for (const statement of statements) {
    const name = 'name' in statement ? statement.name : undefined;
    if (typeof name === 'string') {
      const first = named.get(name);
      if (first !== undefined) {
        problems.push({
          code: 'names/duplicate',
          message: `There are two pieces of work called ${name}.`,
          node: statement,
          property: 'name',
          fixes: [],
          related: [{ node: first, message: 'the first one' }],
        });
      } else named.set(name, statement);
    }
    const read = reuse?.work(statement, context) ?? readWork(statement, context, reuse);
    if (read === undefined) continue;
    if ('transfers' in read) {
      transfersOf.set(statement, read.transfers);
      transfers.push(...read.transfers);
    } else {
      scenarioOf.set(statement, read.scenario);
      scenarios.push(read.scenario);
    }
  }
  return {
    ...structure,
    work: {
      transfers,
      scenarios,
      expectations: [...structure.work.expectations, ...expectationsOf(statements, context)],
    },
    transfersOf,
    scenarioOf,
    problems,
  };
}

/** What a statement at the top of a file asks for; undefined where it is no work, or has no name that it needs. */
function readWork(statement: Statement, context: WorkContext, reuse: Reuse | undefined): ReadWork | undefined {
  if (reuse === undefined) return readFresh(statement, context);
  const before = context.problems.length;
  const { value: read, asked } = context.names.watch(() => readFresh(statement, context));
  if (read !== undefined && context.problems.length === before) reuse.keepWork(statement, context, read, asked);
  return read;
}

function readFresh(statement: Statement, context: WorkContext): ReadWork | undefined {
  if (statement.$type === 'Transfer') return { transfers: readTransfer(statement, context, 0) };
  if (statement.$type === 'Scenario' && statement.name !== undefined) {
    return { scenario: readScenario(statement, context) };
  }
  if (statement.$type !== 'Activity' || statement.kind === 'process') return undefined;
  // Work at the top of a file is a run of its own.
  const activity = readActivity(statement, context, 0);
  const { name, origin } = activity;
  return { scenario: { name, transfers: [], processes: [], activities: [activity], expectations: [], origin } };
}
