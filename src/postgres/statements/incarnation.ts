import { column, type Statement, statement } from './statement.js';

/** The incarnation of the server: see migration 0001. */
export function incarnationStatement(schema: string): Statement<[], string> {
  return statement({
    name: 'troupe_incarnation',
    text: `SELECT ${schema}.incarnation()`,
    values: () => [],
    read: (rows) => (rows[0] ? column(rows[0], 0) : ''),
  });
}
