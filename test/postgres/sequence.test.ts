import { describe, expect, it } from 'vitest';
import { eventRow, eventRows } from '../contract/batches.js';
import { useLog } from './support/use-log.js';

const log = useLog();

describe('the sequence of positions', () => {
  it('H19 is reported as broken, with what to do, when it was left behind, and not as a conflict', async () => {
    const stream = { aggregate: 'h19', id: 'a' };
    await log.stored(eventRows(stream, 1, 5));
    const admin = await log.stranger();
    const { schema } = log.log;
    await admin.query(`SELECT setval(pg_get_serial_sequence('${schema}.events', 'position'), 2)`);

    const next = [eventRow(stream, 6)];
    const result = await log.append({ rows: next });
    expect(result).toMatchObject({ kind: 'broken', cause: { code: 'SequenceBehind' } });
    expect(await log.store.heads([stream])).toMatchObject([{ version: 5 }]);

    const { message } = (result as { cause: Error }).cause;
    const advice = message.slice(message.indexOf('SELECT setval')).replaceAll('<schema>', schema);
    await admin.query(advice);
    expect((await log.append({ rows: next })).kind).toBe('stored');
  });
});
