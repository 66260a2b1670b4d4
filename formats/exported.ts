import type { Assumption } from '../model/origin.ts';

/** A machine in another format. */
export interface Exported {
  readonly text: string;
  /** What the format has to say and the machine does not, and what the format cannot say. */
  readonly assumptions: readonly Assumption[];
}
