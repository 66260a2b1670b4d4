import { mainJob } from '../main-job.ts';

export const name = 'main-job';

/** The main job, in the packaged extension. */
export const run = mainJob;
