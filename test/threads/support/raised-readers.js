import { existsSync, writeFileSync } from 'node:fs';
import { defineProjection, defineView } from 'troupe';
import { tokens as tokensBefore } from './readers.js';
import { tally } from './tally.js';

export { echo, mirror, out, tally } from './readers.js';

/** The readers of a later release: their versions are raised. */

/** Waits, as long as a watchdog bears it, where a test wants to look. */
function gate() {
  const file = process.env.GATE_FILE;
  if (!file || existsSync(file)) return;
  writeFileSync(`${file}.reached`, '');
  const end = Date.now() + 3000;
  while (!existsSync(file) && Date.now() < end)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

export const tallies = defineView({
  name: 'tallies',
  version: 2,
  on: [tally],
  key: (event) => event.id,
  initial: { seen: 0, version: 0, inOrder: true },
  columns: { seen: 'integer', version: 'integer' },
  evolve(doc, event) {
    if (event.data.token === 'gate') {
      if (process.env.POISONED === 'exit') process.exit(1);
      while (process.env.POISONED === 'loop');
      gate();
    }
    return {
      seen: doc.seen + 1,
      version: event.version,
      inOrder: doc.inOrder && event.version === doc.version + 1,
    };
  },
});

export const tokens = defineProjection({
  name: 'tokens',
  version: 2,
  on: [tally],
  setup: tokensBefore.setup,
  handle: (event, tx) =>
    tx.query(`INSERT INTO ${tx.table('all')} VALUES ($1, $2)`, [event.position, event.data.token]),
});
