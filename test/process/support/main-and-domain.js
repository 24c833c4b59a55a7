// The mistake: the main file is the domain module as well.
import { startRuntime } from 'troupe';

export { tally } from '../../threads/support/tally.js';

const { URL_OF_DATABASE, SCHEMA, SHARDS } = process.env;
try {
  const runtime = await startRuntime({
    domain: new URL(import.meta.url),
    store: { kind: 'postgres', url: String(URL_OF_DATABASE), schema: String(SCHEMA) },
    shards: Number(SHARDS),
  });
  await runtime.stop();
} catch (error) {
  console.log(/** @type {{ code?: string }} */ (error).code);
}
