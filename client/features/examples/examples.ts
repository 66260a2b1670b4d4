/** The examples that ship with the extension: a listing, because the files of a web extension cannot be listed. */
export interface Example {
  /** Path below `examples/`. */
  readonly file: string;
  readonly title: string;
  readonly about: string;
}

export const shippedExamples: readonly Example[] = [];
