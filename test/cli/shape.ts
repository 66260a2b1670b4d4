/** What a JSON value must look like: a type by name, several with `|`, literals in quotes, a list, or an object. */
export type Shape = string | readonly [Shape] | { readonly [name: string]: Shape };

/**
 * Everything in which a value differs from a shape, each with its place. A name that ends in `?` may be absent; fields
 * that the shape does not name are allowed.
 */
export function differences(value: unknown, shape: Shape, at = '$'): string[] {
  if (typeof shape === 'string') {
    const fits = shape.split('|').some((one) => fitsWord(value, one.trim()));
    return fits ? [] : [`${at}: ${JSON.stringify(value)?.slice(0, 80)} is not ${shape}`];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${at}: not a list`];
    const [item] = shape as readonly [Shape];
    return value.flatMap((one: unknown, index) => differences(one, item, `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: not an object`];
  return Object.entries(shape).flatMap(([name, inner]) => {
    const isOptional = name.endsWith('?');
    const key = isOptional ? name.slice(0, -1) : name;
    if (!(key in value)) return isOptional ? [] : [`${at}.${key}: absent`];
    return differences((value as Record<string, unknown>)[key], inner as Shape, `${at}.${key}`);
  });
}

function fitsWord(value: unknown, word: string): boolean {
  if (word.startsWith("'")) return value === word.slice(1, -1);
  switch (word) {
    case 'null':
      return value === null;
    case 'any':
      return true;
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'hex':
      return typeof value === 'string' && /^0x[\da-f]+$/.test(value);
    case 'bdf':
      return typeof value === 'string' && /^[\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.[0-7]$/.test(value);
    default:
      return [typeof value].some((type) => type === word);
  }
}
