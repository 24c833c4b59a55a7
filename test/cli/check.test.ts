import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EventRow } from '../../src/messages/event.js';
import { freshSchema } from '../support/postgres.js';
import { useShards } from '../support/use-shards.js';
import { type Run, troupe } from './support/run-troupe.js';

const shards = useShards({});
const DOMAIN = fileURLToPath(new URL('./support/parcel-domain.ts', import.meta.url));

const NOT_A_DOMAIN = fileURLToPath(new URL('./support/run-troupe.ts', import.meta.url));

/** Stores an event as some release did. */
function store(id: string, version: number, given: Partial<EventRow> & { type: string }) {
  return shards.insert(id, version, { aggregate: 'parcel', data: '{}', ...given });
}

function check(schema: string, ...args: string[]): Promise<Run> {
  return troupe(
    'check',
    '--domain',
    DOMAIN,
    '--url',
    shards.options.url,
    '--schema',
    schema,
    ...args,
  );
}

describe('troupe check', () => {
  it('exits with 0 while the domain can read all that the log holds', async () => {
    expect(await check(shards.schema)).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: '0 events in the log, 0 read by upcasters or decoders: all can be read.\n',
    });
    await store('good', 1, { type: 'measured', data: '{"pounds":2}' });
    await store('good', 2, { type: 'moved', schemaVersion: 2, data: '{"to":"Delft"}' });
    await store('good', 3, { type: 'scanned', data: '{}' });
    await shards.insert('saga', 1, { aggregate: '$saga/x', type: 'stepped' });
    expect(await check(shards.schema)).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: '4 events in the log, 1 read by upcasters or decoders: all can be read.\n',
    });
  });

  it('exits with 1 and names what it cannot read, with counts and examples', async () => {
    for (const version of [1, 2, 3]) await store('a/b', version, { type: 'burnt' });
    await store('c', 1, { type: 'weighed', schemaVersion: 4 });
    await shards.insert('d', 1, { aggregate: 'letter', type: 'sent\u001b[2J' });
    // More than a page of them, the bad ones at the end.
    await shards.db.query(
      `INSERT INTO ${shards.schema}.events
         (slice, aggregate, id, version, type, schema_version, data, metadata, command_id, occurred_at)
       SELECT 0, 'parcel', 'many', n, 'weighed', 2, json_build_object('grams', 1196 - n), '{}', 'c', now()
       FROM generate_series(1, 1200) n`,
    );
    const { status, stdout, stderr } = await check(shards.schema, '--json');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      ...{ clean: false, events: 4 + 3 + 1 + 1 + 1200, read: 1201 },
      findings: [
        {
          ...{ problem: 'unknownAggregate', aggregate: 'letter', type: 'sent\u001b[2J' },
          ...{ schemaVersion: 1, count: 1, examples: ['letter/d@1'] },
          reason: 'the domain has no aggregate stored as letter',
        },
        {
          ...{ problem: 'unknownType', aggregate: 'parcel', type: 'burnt', schemaVersion: 1 },
          ...{ count: 3, examples: ['parcel/a%2Fb@1', 'parcel/a%2Fb@3'] },
          reason: 'parcel has no event burnt, nor had one',
        },
        {
          ...{ problem: 'unknownVersion', aggregate: 'parcel', type: 'weighed', schemaVersion: 4 },
          ...{ count: 1, examples: ['parcel/c@1'] },
          reason: 'parcel.weighed has schema versions 1 to 3',
        },
        {
          ...{ problem: 'unreadable', aggregate: 'parcel', type: 'weighed', schemaVersion: 2 },
          ...{ count: 4, examples: ['parcel/many@1197', 'parcel/many@1198', 'parcel/many@1199'] },
          reason: expect.stringContaining(
            'parcel/many cannot be read at version 1197 (weighed): upcast 2 of weighed threw',
          ),
        },
      ],
    });
  });

  it('prints a table for people that leaves their terminal alone', async () => {
    const { status, stdout } = await check(shards.schema);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^PROBLEM +EVENT +SCHEMA +COUNT +EXAMPLES\n/);
    expect(stdout).toMatch(
      /\nunknown type +parcel\.burnt +1 +3 +parcel\/a%2Fb@1 parcel\/a%2Fb@3\n/,
    );
    expect(stdout).toMatch(/1209 events in the log, 1201 read [^\n]+: 9 cannot be read\.\n$/);
    expect(stdout).toContain('letter.sent%1B[2J');
    expect(stdout).not.toContain('\u001b');
  });

  it('reads only the oldest of each type and version with --sample', async () => {
    const { status, stdout } = await check(shards.schema, '--json', '--sample', '700');
    expect(status).toBe(1);
    const { read, findings } = JSON.parse(stdout) as { read: number; findings: object[] };
    expect(read).toBe(1 + 700);
    expect(findings).toHaveLength(3);
  });

  it.each<[string, () => Promise<Run>, string]>([
    ['no log is there', () => check(freshSchema()), 'holds no troupe log'],
    [
      'no server is there',
      () => troupe('check', '--domain', DOMAIN, '--url', 'postgres://127.0.0.1:1/x'),
      'ECONNREFUSED',
    ],
    [
      'the domain module is missing',
      () => troupe('check', '--domain', 'nowhere.ts', '--url', shards.options.url),
      'The domain module nowhere.ts does not exist',
    ],
    [
      'the domain module defines nothing',
      () => troupe('check', '--domain', NOT_A_DOMAIN, '--url', shards.options.url),
      'exports no definitions',
    ],
  ])('exits with 2 and says why when %s', async (_, run, reason) => {
    const { status, stdout, stderr } = await run();
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(reason);
  });
});
