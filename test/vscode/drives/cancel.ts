import { cancelLongRuns, prepareLongRun } from '../long-run.ts';

export const name = 'cancel';

/** A long run can be watched and ended. */
export const prepare = prepareLongRun;
export const run = cancelLongRuns;
