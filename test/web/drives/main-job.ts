import { mainJob } from '../../vscode/main-job.ts';

export const name = 'main-job';

/** The main job, in the browser alone. */
export const run = mainJob;
