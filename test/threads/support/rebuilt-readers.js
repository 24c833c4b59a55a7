import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { defineHandler, defineProjection, defineView } from 'troupe';
import { mirror } from './readers.js';
import { tally } from './tally.js';

export { mirror, tally };

/** Readers that are rebuilt: how they fold is told by a file, as if their code had been changed. */

const factor = () => Number(readFileSync(String(process.env.FACTOR_FILE), 'utf8'));

/** Waits, as long as a watchdog bears it, where a test wants to look. */
function gate() {
  const file = process.env.GATE_FILE;
  if (!file || existsSync(file)) return;
  writeFileSync(`${file}.reached`, '');
  const end = Date.now() + 3000;
  while (!existsSync(file) && Date.now() < end)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

export const sums = defineView({
  name: 'sums',
  version: 1,
  on: [tally],
  key: (event) => event.id,
  initial: { sum: 0 },
  columns: { sum: 'integer' },
  evolve(doc, event) {
    if (event.data.token === 'gate' && factor() > 1) gate();
    if (event.data.token === 'poison' && factor() === 3) throw new Error('three');
    return { sum: doc.sum + factor() };
  },
});

export const days = defineProjection({
  name: 'days',
  version: 1,
  on: [tally],
  setup: async (tx) => {
    await tx.query(`CREATE TABLE ${tx.table('rows')} (id text, version int, n int)`);
    await tx.query(`CREATE INDEX ON ${tx.table('rows')} (id)`);
  },
  clear: ({ id }, tx) => tx.query(`DELETE FROM ${tx.table('rows')} WHERE id = $1`, [id]),
  handle: (event, tx) =>
    tx.query(`INSERT INTO ${tx.table('rows')} VALUES ($1, $2, $3)`, [
      event.id,
      event.version,
      factor(),
    ]),
});

export const again = defineHandler({
  name: 'again',
  version: 1,
  on: [tally],
  from: 'beginning',
  replayable: true,
  async handle(event, context) {
    const token = `${event.id} ${event.version}`;
    await context.send(mirror, 'all', { type: 'note', data: { token } });
    writeFileSync(String(process.env.EFFECTS_FILE), `${token}\n`, { flag: 'a' });
  },
});

export const once = defineHandler({
  name: 'once',
  version: 1,
  on: [tally],
  from: 'beginning',
  handle: () => undefined,
});
