/** What a command is about: a document, and a name where the caller said one. */
export interface Asked {
  /** Undefined: the document of the active editor. */
  readonly uri: string | undefined;
  /** Undefined: to be asked for. Null: everything of the kind. */
  readonly name: string | null | undefined;
}

/**
 * Reads the arguments of a command. Lenses and code actions pass `[uri, name]`; menus of editors pass the document's
 * URI as an object; the palette passes nothing.
 */
export function readArguments(args: readonly unknown[]): Asked {
  const [first, second] = args;
  if (typeof first === 'string') {
    return { uri: first, name: typeof second === 'string' || second === null ? second : undefined };
  }
  if (typeof first === 'object' && first !== null && 'scheme' in first && 'path' in first) {
    return { uri: String(first), name: undefined };
  }
  return { uri: undefined, name: undefined };
}
