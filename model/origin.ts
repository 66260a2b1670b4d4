/**
 * Where in a text something was said. Plain data: offsets count UTF-16 code units from 0, and move with the text where an
 * editor changes it elsewhere.
 * `via` leads outwards: the `use` or the component through which a template or a part came in.
 */
export interface Origin {
  readonly uri: string;
  readonly offset: number;
  readonly end: number;
  readonly via?: Origin;
}

/** A value together with the public source that states it, for constants of the model. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: string;
}

/** One link in a chain of reasons: made where a decision is made, shown everywhere the same. */
export interface Reason {
  /** Stable code in kebab case, with the area in front: `acs/request-redirect`. */
  readonly code: string;
  readonly message: string;
  /** Qualified name of the component that the reason is about, or null where it is about the whole machine. */
  readonly at: string | null;
}

/** Said where the text is silent: which default a result rests on. */
export interface Assumption {
  /** Qualified name of the component, or null for the machine. */
  readonly at: string | null;
  readonly field: string;
  readonly message: string;
}
