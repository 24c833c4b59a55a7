import { describe, expect, it } from 'vitest';
import { eventRow, eventRows, outcomeRow } from '../contract/batches.js';
import { useLog } from './support/use-log.js';

const log = useLog();

describe('a log is reported as broken', () => {
  it('H19 with what to do, and not as a conflict, when its sequence of positions was left behind', async () => {
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

  it.each(['events', 'outcomes'])(
    'when somebody made a trigger that swallows %s',
    async (table) => {
      const stream = { aggregate: 'swallowed', id: table };
      const admin = await log.stranger();
      await admin.query(`SET search_path = ${log.log.schema}`);
      await admin.query(`CREATE FUNCTION swallow_${table}() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF NEW.command_id = 'swallow' THEN RETURN NULL; END IF; RETURN NEW; END $$`);
      await admin.query(`CREATE TRIGGER swallow BEFORE INSERT ON ${table}
      FOR EACH ROW EXECUTE FUNCTION swallow_${table}()`);
      const given = { commandId: 'swallow' };
      const batch =
        table === 'events'
          ? { rows: [eventRow(stream, 1), eventRow(stream, 2, given)] }
          : { outcomes: [outcomeRow(stream, 'a'), outcomeRow(stream, 'b', given)] };
      const rows = [eventRow({ aggregate: 'swallowed', id: 'another' }, 1), ...(batch.rows ?? [])];
      const result = await log.append({ ...batch, rows });
      expect(result).toMatchObject({ kind: 'broken', cause: { code: 'TR004' } });
      expect(await log.store.heads([stream])).toMatchObject([{ version: 0 }]);
      await admin.query(`DROP TRIGGER swallow ON ${table}`);
    },
  );
});
