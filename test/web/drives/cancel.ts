import { cancelLongRuns, prepareLongRun } from '../../vscode/long-run.ts';

export const name = 'cancel';

/** A long run can be watched and ended, in the browser alone as well. */
export const prepare = prepareLongRun;
export const run = cancelLongRuns;
