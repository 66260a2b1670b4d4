import type { Reference } from '../generated/ast.ts';
import type { NamedThing, NameIndex } from './names.ts';
import { nearest, type Problem } from './problem.ts';
import { evaluateRange, noBindings } from './values.ts';

/**
 * What a reference means: one component, or as many as its range has elements. Reports a name that nothing has and a
 * name that several have; what is sound of a range is returned.
 */
export function resolveReference(reference: Reference, names: NameIndex, problems: Problem[]): NamedThing[] {
  const text = reference.element?.$refText;
  if (text === undefined || text === '') return [];
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
  if (first === undefined) {
    const label = text.slice(text.lastIndexOf('.') + 1);
    const guesses = nearest(label, names.labels());
    problems.push({
      code: 'language/unresolved',
      message: `There is nothing called '${text}' in this machine.${guesses.length > 0 ? ` Did you mean ${guesses.join(' or ')}?` : ''}`,
      node,
      property: 'element',
      fixes: node.range === undefined ? guesses.map((guess) => ({ title: `Write ${guess}`, text: guess })) : [],
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
    fixes: found.slice(0, 4).map((thing) => ({ title: `Write ${names.shortest(thing.id)}`, text: names.shortest(thing.id) })),
  });
  return [];
}
