import { describe, expect, it } from 'vitest';
import { eventRows } from '../contract/batches.js';
import { useLog } from './support/use-log.js';

const log = useLog();
const refused = { code: 'TR005', message: expect.stringContaining('append-only') };

describe('the events table', () => {
  it.each([
    ['UPDATE', "UPDATE events SET type = 'other'"],
    ['an UPDATE of nothing', "UPDATE events SET type = 'other' WHERE false"],
    ['DELETE', 'DELETE FROM events'],
    ['TRUNCATE', 'TRUNCATE events'],
    ['TRUNCATE of several tables', 'TRUNCATE outcomes, events CASCADE'],
    [
      'an upsert',
      `INSERT INTO events (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
       SELECT slice, aggregate, id, version, type, data, metadata, command_id, occurred_at FROM events LIMIT 1
       ON CONFLICT ON CONSTRAINT events_stream DO UPDATE SET type = 'other'`,
    ],
  ])('H26 refuses %s, from replication too', async (_, statement) => {
    const stream = { aggregate: 'h26', id: statement };
    await log.stored(eventRows(stream, 1, 2));
    const stranger = await log.stranger();
    await stranger.query(`SET search_path = ${log.log.schema}`);
    await expect(stranger.query(statement)).rejects.toMatchObject(refused);
    await stranger.query('SET session_replication_role = replica');
    await expect(stranger.query(statement)).rejects.toMatchObject(refused);
    const events = await log.store.readStream(stream, { after: 0, limit: 10 });
    expect(events.map((event) => event.type)).toEqual(['happened', 'happened']);
  });
});
