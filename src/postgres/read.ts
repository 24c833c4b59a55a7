import type pg from 'pg';
import { run } from './connection.js';
import type { Statement } from './statements/statement.js';
import { readFailure } from './translate-error.js';

/** Runs a statement that may simply be tried again; throws what its failure means. */
export async function read<Arguments extends readonly unknown[], Result>(
  client: Pick<pg.ClientBase, 'query'>,
  statement: Statement<Arguments, Result>,
  ...args: Arguments
): Promise<Result> {
  try {
    return await run(client, statement, ...args);
  } catch (error) {
    throw readFailure(error);
  }
}
