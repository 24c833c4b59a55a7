import type pg from 'pg';
import type { Operations } from '../store/operations.js';
import { read } from './read.js';
import type { statements } from './statements/index.js';

/** What operators need, on the connections that a store has anyway. */
export function postgresOperations(pool: pg.Pool, sql: ReturnType<typeof statements>): Operations {
  return {
    begin: (entry) => read(pool, sql.beginVerb, entry),
    finish: (number, outcome) => read(pool, sql.finishVerb, number, outcome),
    audit: (page) => read(pool, sql.audit, page),
    quarantineMark: () => read(pool, sql.quarantineMark),
    quarantines: () => read(pool, sql.quarantines),
    async streamFacts(stream, limit) {
      const [snapshots, lastPositions] = await Promise.all([
        read(pool, sql.snapshotInfos, stream),
        read(pool, sql.lastPositions, stream, limit),
      ]);
      return { snapshots, lastPositions };
    },
  };
}
