import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The BPI Challenge 2012 log: it lies beside the project, never in it. */
export const realLog = fileURLToPath(
  new URL('../../../../shared/data/bpic2012.xes.gz', import.meta.url),
);

export const realLogIsThere = existsSync(realLog);

if (!realLogIsThere) console.warn(`tests skipped: the BPI Challenge 2012 log is not at ${realLog}`);
