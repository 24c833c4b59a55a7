import { always, conflict, given, newIdOf, testRuntime, times } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import * as domain from '../../../examples/origins/users/domain.js';
import { collect } from '../../support/collect.js';
import { startOn, startTwo } from './start.js';

const { users } = domain;
const add = (name: string) => ({ type: 'add', data: { name } }) as const;
const giveGuitar = (user: string, guitar: string) =>
  ({ type: 'giveGuitar', data: { user, guitar } }) as const;
const rename = (user: string, name: string) => ({ type: 'rename', data: { user, name } }) as const;
const nine = Array.from({ length: 9 }, (_, i) => `guitar ${i + 1}`);

describe('the users of epoch', () => {
  it('DecideEvolveWithCommandResponse: a pure run gives the events and the new state, and stores nothing', async () => {
    const { events, state, version } = await given(users, []).when(add('Mike'));
    const user = newIdOf('command-1', 1);
    expect(events).toEqual([{ type: 'added', data: { user, name: 'Mike' } }]);
    expect(state).toEqual({ users: { [user]: { name: 'Mike', guitars: [] } } });
    expect(version).toBe(1);
  });

  it('DecideErr: what the domain refuses is typed, a name that is no name never comes to it', async () => {
    const mike = { type: 'added', data: { user: 'u', name: 'Mike' } } as const;
    await given(users, [mike]).when(add(' Mike ')).thenRejected('NAME_TAKEN');
    await given(users, [mike]).when(giveGuitar('v', 'SG')).thenRejected('NO_SUCH_USER');
    await given(users, [mike]).when(giveGuitar('constructor', 'SG')).thenRejected('NO_SUCH_USER');
    await given(users, [mike]).when(add(' ')).thenRefused('InvalidCommand');
  });

  it('a command without events appends nothing', async () => {
    await using troupe = await testRuntime({ domain });
    const all = troupe.aggregate(users);
    const [added] = (await all.send('band', add('Mike'))).events;
    const receipt = await all.send('band', rename(userOf(added), 'Mike'));
    expect(receipt).toMatchObject({ version: 1, events: [] });
    expect(await collect(all.events('band'))).toHaveLength(1);
  });

  it('LoadDecideAppend: a command is decided again after a conflict, with the ids of the first time', async () => {
    await using troupe = await testRuntime({
      domain,
      faults: { append: [times(5, conflict)] },
    });
    const all = troupe.aggregate(users);
    const { version, events } = await all.send('band', add('Mike'), { commandId: 'c' });
    expect([version, userOf(events[0])]).toEqual([1, newIdOf('c', 1)]);
  });

  it('OccMaxRetries: it is given up after so many conflicts, and certainly not stored', async () => {
    await using troupe = await testRuntime({
      domain,
      maxConflicts: 3,
      faults: { append: [always(conflict)] },
    });
    await expect(troupe.aggregate(users).send('band', add('Mike'))).rejects.toMatchObject({
      code: 'Contended',
      outcome: 'refused',
    });
    expect(await collect(troupe.runtime.events())).toEqual([]);
  });
});

describe('the users of epoch, on Postgres', () => {
  it.each([1, 2])(
    'OCC: nine concurrent commands on one id all land, from %i processes',
    async (processes) => {
      const both = await startTwo(domain);
      const [mike] = (await both[0].aggregate(users).send('band', add('Mike'))).events;
      const id = userOf(mike);
      const receipts = await Promise.all(
        nine.map((guitar, i) =>
          both[i % processes]!.aggregate(users).send('band', giveGuitar(id, guitar)),
        ),
      );
      const versions = receipts.map(({ version }) => version).sort((a, b) => a - b);
      expect(versions).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
      for (const runtime of both) {
        const answer = await runtime.aggregate(users).state('band');
        // Each guitar once: what a loser had folded before is not folded again.
        expect([...(answer?.state.users[id]?.guitars ?? [])].sort()).toEqual(nine);
      }
    },
  );

  it('OCC: who lost decides again on what the winner has stored', async () => {
    const both = await startTwo(domain);
    const results = await Promise.all(
      nine.map((_, i) => both[i % 2]!.aggregate(users).trySend('band', add('Mike'))),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    for (const result of results) if (!result.ok) expect(result.shortCode).toBe('NAME_TAKEN');
  });

  it.each([
    ['Exact', 1, 2],
    ['NoStream', 'none', 2],
  ] as const)(
    'RepositoryVersion::%s: another version is a conflict that tells both',
    async (_, expectedVersion, actual) => {
      const all = (await startOn(domain)).aggregate(users);
      await all.send('band', add('Mike'), { expectedVersion: 'none' });
      await all.send('band', add('Ann'), { expectedVersion: 1 });
      await expect(all.send('band', add('Eve'), { expectedVersion })).rejects.toMatchObject({
        code: 'VersionConflict',
        details: { expected: expectedVersion, actual },
      });
    },
  );

  it('RepositoryVersion::StreamExists: a stream that does not exist yet is a conflict, Any takes both', async () => {
    const all = (await startOn(domain)).aggregate(users);
    await expect(
      all.send('band', add('Mike'), { expectedVersion: 'exists' }),
    ).rejects.toMatchObject({ code: 'VersionConflict', details: { actual: 0 } });
    expect(await all.send('band', add('Mike'))).toMatchObject({ version: 1 });
  });

  it('NoStream: of nine first writers exactly one is the first', async () => {
    const both = await startTwo(domain);
    const results = await Promise.allSettled(
      nine.map((name, i) =>
        both[i % 2]!.aggregate(users).send('band', add(name), { expectedVersion: 'none' }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await both[0].aggregate(users).state('band')).toMatchObject({ version: 1 });
  });

  it('load and load_by_id: all streams, or one', async () => {
    const runtime = await startOn(domain);
    await runtime.aggregate(users).send('band', add('Mike'));
    await runtime.aggregate(users).send('choir', add('Mike'));
    expect((await collect(runtime.events())).map(({ id }) => id)).toEqual(['band', 'choir']);
    expect(await collect(runtime.aggregate(users).events('choir'))).toHaveLength(1);
  });
});

function userOf(event: { readonly data: { readonly user: string } } | undefined): string {
  return event?.data.user ?? '';
}
