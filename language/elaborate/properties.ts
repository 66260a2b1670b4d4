import type { AstNode } from 'langium';
import type { Origin } from '../../model/origin.ts';
import type { Property, Statement, Value } from '../generated/ast.ts';
import { ValueCursor } from '../schema/cursor.ts';
import { blocksIn } from '../schema/places.ts';
import type { Context, PropertyPlace, PropertySchema } from '../schema/property.ts';
import { placesOf, propertiesIn, propertyIn } from '../schema/schema.ts';
import { nearest, originOf, type Problem } from './problem.ts';
import type { Bindings } from './values.ts';

/** What reading properties needs: where problems go, what parameters mean, the way the text came in. */
export interface ReadContext {
  readonly problems: Problem[];
  readonly bindings: Bindings;
  readonly via: Origin | undefined;
}

/** Words for a context in messages: `a GPU`, `the linux block`. */
export function contextName(context: Context): string {
  switch (context) {
    case 'file':
      return 'the file itself';
    case 'firmware':
    case 'linux':
      return `the ${context} block`;
    case 'gpu':
    case 'nvme':
    case 'nic':
    case 'fpga':
    case 'sata':
    case 'mig':
    case 'vm':
    case 'sriov':
      return `${context === 'nvme' || context === 'nic' || context === 'fpga' || context === 'mig' || context === 'sriov' ? 'an' : 'a'} ${context === 'vm' ? 'virtual machine' : context}`
        .replace('an nic', 'a nic')
        .replace('an mig', 'a mig');
    case 'interconnect':
      return 'an interconnect';
    default:
      return `a ${context}`;
  }
}

/**
 * Reads one property into its target. Problems with its values are reported; the target keeps what it had.
 * Returns false where the property is unknown here.
 */
export function readProperty<D>(
  property: Property,
  context: Context,
  target: D,
  read: ReadContext,
  values: readonly Value[] | null = null,
): boolean {
  const schema = propertyIn(context, property.key) as PropertySchema<D> | undefined;
  if (schema === undefined) {
    reportUnknown(property, context, read.problems);
    return false;
  }
  if (values === null && property.others.length > 0) reportUndealt(property, 1, [], read.problems);
  const cursor = new ValueCursor(values ?? property.values, read.bindings);
  const place: PropertyPlace = {
    origin: originOf(property, read.via),
    body: (inner, draft) => readProperties(property.members, inner, draft, read),
  };
  schema.apply(cursor, target, place);
  for (const problem of cursor.problems) {
    const isFirst = values === null || values === property.values;
    const at = isFirst && problem.at >= 0 && problem.at < property.values.length ? problem.at : undefined;
    read.problems.push({
      code: problem.code,
      message: problem.message,
      node: property,
      ...(at === undefined ? { property: 'key' } : { property: 'values', index: at }),
      fixes: at === undefined ? [] : problem.fixes,
    });
  }
  if (cursor.problems.length === 0 && !cursor.done) {
    read.problems.push({
      code: 'language/extra-value',
      message: `\`${property.key}\` takes ${schema.shape === '' ? 'no value' : `\`${schema.shape}\``}; this is one value too many.`,
      node: property,
      property: 'values',
      index: cursor.position,
      fixes: [],
    });
  }
  if (property.members.length > 0 && schema.body === null) {
    read.problems.push({
      code: 'language/misplaced',
      message: `\`${property.key}\` has no block.`,
      node: property,
      property: 'key',
      fixes: [],
    });
  }
  return true;
}

/** Reports values divided by commas that are not as many as there are copies. Once for a statement. */
export function reportUndealt(
  property: Property,
  count: number,
  possible: readonly number[],
  problems: Problem[],
): void {
  const code = 'structure/range-mismatch';
  if (problems.some((problem) => problem.node === property && problem.code === code)) return;
  const message =
    possible.length === 0
      ? `Values divided by commas are dealt out over the copies of an array; \`${property.key}\` stands in none.`
      : `Values divided by commas are dealt out over the copies around them: there must be ${possible.join(' or ')}, not ${count}.`;
  problems.push({ code, message, node: property, property: 'key', fixes: [] });
}

/** Reads the statements of a block that holds nothing but properties. */
export function readProperties<D>(members: readonly Statement[], context: Context, target: D, read: ReadContext): void {
  const seen = new Map<string, Property>();
  for (const member of members) {
    if (member.$type !== 'Property') {
      reportMisplaced(member, context, read.problems);
      continue;
    }
    checkRepeated(member, context, seen, read.problems);
    readProperty(member, context, target, read);
  }
}

/** Reports a property that is said twice in one block where once is meant. */
export function checkRepeated(
  property: Property,
  context: Context,
  seen: Map<string, Property>,
  problems: Problem[],
): void {
  const schema = propertyIn(context, property.key);
  if (schema === undefined || schema.repeatable) return;
  // A BAR is repeatable by number; the schema says so. Everything else is said once.
  const first = seen.get(property.key);
  if (first === undefined) {
    seen.set(property.key, property);
    return;
  }
  problems.push({
    code: 'language/repeated-property',
    message: `\`${property.key}\` is said twice in this block; the last one counts.`,
    node: property,
    property: 'key',
    fixes: [],
    related: [{ node: first, message: 'said here first' }],
  });
}

/** Reports a statement that may not stand where it stands. */
export function reportMisplaced(statement: AstNode, context: Context, problems: Problem[], hint = ''): void {
  problems.push({
    code: 'language/misplaced',
    message: `This cannot stand in ${contextName(context)}.${hint}`,
    node: statement,
    fixes: [],
  });
}

function reportUnknown(property: Property, context: Context, problems: Problem[]): void {
  const names = propertiesIn(context).map((schema) => schema.name);
  const guesses = nearest(property.key, names);
  const elsewhere = [
    ...new Set([...placesOf(property.key), ...(property.key in blocksIn ? (blocksIn[property.key] ?? []) : [])]),
  ];
  const hint =
    elsewhere.length > 0
      ? ` It belongs in ${elsewhere.slice(0, 3).map(contextName).join(', ')}.`
      : guesses.length > 0
        ? ` Did you mean ${guesses.join(' or ')}?`
        : '';
  problems.push({
    code: 'language/unknown-property',
    message: `There is no property \`${property.key}\` in ${contextName(context)}.${hint}`,
    node: property,
    property: 'key',
    fixes: elsewhere.length > 0 ? [] : guesses.map((text) => ({ title: `Write ${text}`, text })),
  });
}
