import type { Machine } from '../../model/machine.ts';
import type { EndpointRef } from '../../model/work.ts';
import type { Clause, Expectation as ExpectationNode, PropertyClause, Statement } from '../generated/ast.ts';
import { readExpectation } from './expectations.ts';
import type { NameIndex } from './names.ts';
import type { Problem } from './problem.ts';
import { resolveReference } from './references.ts';
import { noBindings } from './values.ts';

/** What work is read against: one machine and its names. */
export interface WorkContext {
  readonly machine: Machine;
  readonly names: NameIndex;
  readonly problems: Problem[];
  /** Names of transfers and activities: in an expectation they come before those of the machine. */
  readonly work?: ReadonlySet<string>;
}

/** Names of all work in some statements, that within other work included. */
export function namesOfWork(statements: readonly Statement[], names = new Set<string>()): Set<string> {
  for (const outer of statements) {
    const statement: Statement | undefined = outer.$type === 'Timed' ? outer.statement : outer;
    if (statement?.$type !== 'Transfer' && statement?.$type !== 'Scenario' && statement?.$type !== 'Activity') continue;
    if (statement.name !== undefined) names.add(statement.name);
    namesOfWork(statement.members, names);
  }
  return names;
}

/** How values of its properties are read. */
export const read = (context: WorkContext) => ({ problems: context.problems, bindings: noBindings, via: undefined });
/** A value where it is a number. */
export const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The targets of all clauses that open with `word`. */
export function targets(
  clauses: readonly (Clause | PropertyClause)[],
  word: string,
  context: WorkContext,
): EndpointRef[] {
  return clauses
    .filter((clause) => clause.word === word)
    .flatMap((clause) => clause.targets.flatMap((target) => resolveReference(target, context.names, context.problems)))
    .map((thing) => ({
      component: thing.id,
      memory: thing.memory || context.machine.components[thing.id]?.kind === 'socket',
    }));
}

/** Statements of work that are read apart from its properties. */
export const keepExpectations = (statement: Statement) =>
  statement.$type === 'Expectation' || statement.$type === 'Allow';

/** The expectations among some statements. */
export function expectationsOf(members: readonly Statement[], context: WorkContext) {
  return members
    .filter((member): member is ExpectationNode => member.$type === 'Expectation')
    .flatMap((member) => readExpectation(member, context.names, context.problems, context.work) ?? []);
}

/** Says of a piece of work, or of a copy in a stream, that it moves nothing. */
export function reportEmpty(node: Statement, bytes: unknown, context: WorkContext): void {
  if (bytes !== 0) return;
  const size =
    'members' in node ? node.members.find((one) => one.$type === 'Property' && one.key === 'size') : undefined;
  context.problems.push({
    code: 'work/empty',
    message: 'Nothing is moved: a size of 0 bytes.',
    node: size ?? node,
    fixes: [],
  });
}

/** Names of the work that `after` names. */
export function afterOf(clauses: readonly Clause[]): string[] {
  return clauses
    .filter((clause) => clause.word === 'after')
    .flatMap((clause) => clause.targets.map((target) => target.element?.$refText.split('.').at(-1) ?? ''))
    .filter((name) => name !== '');
}
