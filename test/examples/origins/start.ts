import { type Runtime, startRuntime } from 'troupe';
import { onTestFinished } from 'vitest';
import { databaseUrl, freshSchema } from '../../support/postgres.js';

/** A runtime in process on Postgres; in a schema of its own unless one is given. Stopped with the test. */
export async function startOn(domain: object, schema = freshSchema()): Promise<Runtime> {
  const store = { kind: 'postgres', url: databaseUrl(), schema } as const;
  const runtime = await startRuntime({ domain, store, shards: 0 });
  onTestFinished(() => runtime.stop());
  return runtime;
}

/** Two runtimes on one log, as two processes have it. */
export async function startTwo(
  domain: object,
  schema = freshSchema(),
): Promise<[Runtime, Runtime]> {
  return [await startOn(domain, schema), await startOn(domain, schema)];
}
