import type { Reference } from '../generated/ast.ts';
import type { NamedThing, NameIndex } from './names.ts';
import { nearest, type Problem } from './problem.ts';
import { evaluateRange, noBindings } from './values.ts';

/**
 * What a reference means: one component, or as many as its range has elements. Reports a name that nothing has and a
 * name that several have; what is sound of a range is returned.
 */
export function resolveReference(
  reference: Reference | undefined,
  names: NameIndex,
  problems: Problem[],
): NamedThing[] {
  const text = reference?.element?.$refText;
  if (reference === undefined || text === undefined || text === '') return [];
  if (reference.range === undefined) return resolveOne(text, reference, names, problems);
  const range = evaluateRange(reference.range, noBindings);
  if (range === undefined || range.high - range.low > 100_000) {
    problems.push({
      code: 'language/bad-range',
      message: 'A range goes from a whole number up to one that is not smaller: [0..3].',
      node: reference,
      property: 'range',
      fixes: [],
    });
    return [];
  }
  const result: NamedThing[] = [];
  for (let index = range.low; index <= range.high; index++) {
    const before = problems.length;
    result.push(...resolveOne(`${text}${index}`, reference, names, problems));
    if (problems.length > before) break;
  }
  return result;
}

function resolveOne(text: string, node: Reference, names: NameIndex, problems: Problem[]): NamedThing[] {
  const found = names.lookup(text);
  const [first] = found;
  if (found.length === 1 && first !== undefined) return [first];
  if (first === undefined && (node.range === undefined || text === firstOf(node))) return []; // the linker's to report
  if (first === undefined) {
    problems.push({
      code: 'language/unresolved',
      message: unresolvedMessage(text, nearest(text.slice(text.lastIndexOf('.') + 1), names.labels())),
      node,
      property: 'element',
      fixes: [],
    });
    return [];
  }
  problems.push({
    code: 'language/ambiguous-name',
    message: `'${text}' is the name of ${found.length} things: ${found
      .slice(0, 3)
      .map((thing) => names.shortest(thing.id))
      .join(', ')}${found.length > 3 ? ', …' : ''}. Say more of the name.`,
    node,
    property: 'element',
    fixes: found
      .slice(0, 4)
      .map((thing) => ({ title: `Write ${names.shortest(thing.id)}`, text: names.shortest(thing.id) })),
  });
  return [];
}

/** The name that the linker looks up for a reference: with a range, its first element. */
export function firstOf(reference: Reference): string {
  const text = reference.element?.$refText ?? '';
  const range = reference.range === undefined ? undefined : evaluateRange(reference.range, noBindings);
  return range === undefined ? text : `${text}${range.low}`;
}

/** What is said of a name that nothing has. */
export function unresolvedMessage(name: string, guesses: readonly string[]): string {
  return `There is nothing called '${name}' here.${guesses.length > 0 ? ` Did you mean ${guesses.join(' or ')}?` : ''}`;
}
