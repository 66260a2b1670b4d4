/**
 * A value as JSON would hand it on: objects that say what they are in JSON (positions, ranges and URIs of VS Code) as they
 * say it. A server in a process of its own gets JSON anyway; a worker gets a copy of an object's own fields, which of those
 * are private ones. What is plain already is copied; texts, which may be long, are not.
 */
export function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON());
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (field === undefined ? [] : [[key, plain(field)]])),
  );
}
