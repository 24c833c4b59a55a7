import { expect, it } from 'vitest';
import type { Reply } from '../../src/messages/answer.js';
import type { CommandMessage } from '../../src/messages/command.js';
import { CommandRefused } from '../../src/messages/errors.js';
import { RelayClient, RelayService } from '../../src/threads/command-relay.js';
import { eventually } from '../support/eventually.js';

const message = (ref: number) =>
  ({ ref, aggregate: 'a', id: 'x', commandId: `c${ref}`, key: `k${ref}` }) as CommandMessage;
const accepted = (ref: number) => ({ ref, kind: 'accepted' }) as Reply;

it('sends what is asked in one turn together, no more at a time than the bound', async () => {
  const posted: number[][] = [];
  const client = new RelayClient((commands) => void posted.push(commands.map((c) => c.ref)), 3);
  const replies = [1, 2, 3, 4, 5].map((ref) => client.dispatch(message(ref)));
  await eventually(() => expect(posted).toEqual([[1, 2, 3]]));
  client.receive([{ ref: 2, reply: accepted(22) }]);
  await eventually(() => expect(posted).toEqual([[1, 2, 3], [4]]));
  client.receive([1, 3, 4].map((ref) => ({ ref, reply: accepted(ref) })));
  await eventually(() => expect(posted).toEqual([[1, 2, 3], [4], [5]]));
  client.receive([{ ref: 5, reply: accepted(5) }]);
  expect((await Promise.all(replies)).map(({ kind }) => kind)).toEqual(Array(5).fill('accepted'));
});

it('settles all when it is closed: refused what was not sent, unknown what was', async () => {
  const client = new RelayClient(() => undefined, 1);
  const [sent, waiting] = [client.dispatch(message(1)), client.dispatch(message(2))];
  await new Promise((resolve) => setImmediate(resolve));
  client.close();
  expect(await sent).toMatchObject({ kind: 'unknown', command: { commandId: 'c1', key: 'k1' } });
  expect(await waiting).toMatchObject({ kind: 'refused', code: 'Stopping' });
  await expect(client.dispatch(message(3))).rejects.toMatchObject({ code: 'Stopping' });
});

it('answers with plain data, also what was refused before a shard had it', async () => {
  const posted: unknown[] = [];
  const service = new RelayService(
    async ({ ref }) => {
      if (ref === 1) throw new CommandRefused('Overloaded', 'too many', { retryAfterMs: 5 });
      if (ref === 2) throw new TypeError('a mistake');
      return accepted(99);
    },
    (replies) => void posted.push(...structuredClone(replies)),
  );
  service.receive([message(1), message(2), message(3)]);
  await eventually(() => expect(posted).toHaveLength(3));
  expect(posted).toMatchObject([
    { ref: 1, reply: { kind: 'refused', code: 'Overloaded', details: { retryAfterMs: 5 } } },
    { ref: 2, reply: { kind: 'refused', code: 'Unavailable', cause: { name: 'TypeError' } } },
    { ref: 3, reply: { kind: 'accepted' } },
  ]);
});
