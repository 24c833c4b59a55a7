import { describe, expect, it } from 'vitest';
import { lockClass, quoted } from '../../src/postgres/names.js';
import { resolvePostgres } from '../../src/postgres/options.js';

const url = 'postgres://localhost/app';

describe('the options of a log in Postgres', () => {
  it('have defaults', () => {
    expect(resolvePostgres({ kind: 'postgres', url })).toEqual({
      ...{ kind: 'postgres', url, schema: 'troupe', migrate: true, lockTimeoutMs: 1000 },
      ...{ namedStatements: true, directUrl: url, wakeUps: true },
    });
  });

  it.each(['', 'a'.repeat(64), '😀'.repeat(16), 'a\0b', 'a$$b'])(
    'refuse the schema %j',
    (schema) => {
      expect(() => resolvePostgres({ kind: 'postgres', url, schema })).toThrow(
        /^store.schema: expected/,
      );
    },
  );

  it.each(['a'.repeat(63), 'a"b', "a'b", 'a$b', 'É'])('accept the schema %j', (schema) => {
    expect(resolvePostgres({ kind: 'postgres', url, schema }).schema).toBe(schema);
  });
});

describe('the names of a schema in Postgres', () => {
  it('are quoted', () => {
    expect(quoted('a"b')).toBe('"a""b"');
  });

  it('give its locks a class of 31 bits, which never changes', () => {
    expect(lockClass('troupe')).toBe(1_309_947_408);
    for (let i = 0; i < 1000; i++) {
      const own = lockClass(`schema${i}`);
      expect(own).toBeGreaterThanOrEqual(0);
      expect(own).toBeLessThan(2 ** 31);
    }
  });
});
