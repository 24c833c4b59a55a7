import { beforeEach } from 'vitest';
import type { TestDatabase } from './use-database.js';
import { openWire, type Wire } from './wire.js';

/** A wire to a database for each test. */
export function useWire(db: TestDatabase): () => Wire {
  let wire: Wire;
  beforeEach(async () => {
    wire = await openWire(db.url);
    db.closeAfterTest(() => wire.close());
  });
  return () => wire;
}
