// Writes examples/loans/sample.xes anew: `npx tsx examples/loans/sample/write-sample.ts`
import { writeFile } from 'node:fs/promises';
import { sampleLog } from './sample-log.js';

await writeFile(new URL('../sample.xes', import.meta.url), sampleLog());
