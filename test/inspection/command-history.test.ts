import type { Aggregate } from 'troupe';
import { describe, expect, it } from 'vitest';
import { Actor } from '../../src/actor/actor.js';
import { queuedCommand } from '../../src/actor/queued-command.js';
import type { Answer } from '../../src/messages/answer.js';
import { STATE_QUERY } from '../../src/messages/command.js';
import { CommandHistory } from '../../src/shard/command-history.js';
import { account } from '../support/account.js';

const ACCEPTED = { kind: 'accepted' } as Answer;
const MINUTE_MS = 60_000;

class Scene {
  time = 0;
  readonly history = new CommandHistory({ now: () => this.time });
  private sent = 0;

  /** A command of an actor that came 5 ms ago is answered. */
  answer(key: string, answer: Answer = ACCEPTED, type = 'deposit'): string {
    const commandId = `${key}-${this.sent++}`;
    const actor = new Actor(key, key, 0, account as unknown as Aggregate);
    const message = { type, commandId } as never;
    const command = queuedCommand(message, undefined, { data: 0, hash: '' }, this.time - 5);
    this.history.note(actor, command, answer);
    return commandId;
  }

  commands(key: string): string[] {
    return this.history.look(key).commands.map((note) => note.commandId);
  }
}

describe('the history of commands', () => {
  it('has of an actor what is among the last 1024 of its shard, newest first', () => {
    const scene = new Scene();
    const first = scene.answer('a');
    const second = scene.answer('a');
    scene.answer('a', ACCEPTED, STATE_QUERY);
    for (let i = 0; i < 1022; i++) scene.answer('other');
    expect(scene.commands('a')).toEqual([second, first]);
    scene.answer('other');
    const late = new Scene();
    late.answer('a');
    for (let i = 0; i < 1024; i++) late.answer('other');
    expect(late.commands('a')).toEqual([]);
  });

  it('keeps all of an actor that is looked at, up to the last 50, for as long as somebody looks', () => {
    const scene = new Scene();
    expect(scene.history.look('a').watchedSince).toBeUndefined();
    const own = Array.from({ length: 60 }, () => {
      for (let i = 0; i < 100; i++) scene.answer('other');
      return scene.answer('a');
    });
    expect(scene.commands('a')).toEqual(own.slice(10).reverse());
    expect(scene.history.look('a').watchedSince).toBeTypeOf('number');
    scene.time += MINUTE_MS - 1;
    scene.history.sweep();
    expect(scene.commands('a')).toHaveLength(50); // and looked at again
    scene.time += MINUTE_MS;
    scene.history.sweep();
    expect(scene.history.look('a').watchedSince).toBeUndefined();
  });

  it('tells how long a command took, what became of it, and the last error', () => {
    const scene = new Scene();
    const rejection = { code: 'ACCOUNT_OVERDRAWN' } as never;
    scene.answer('a', { ref: 0, kind: 'rejected', rejection, deduplicated: false });
    const cause = { name: 'RangeError', message: 'a bug' };
    scene.answer('a', { ref: 0, kind: 'failed', message: 'it failed', details: {}, cause });
    scene.answer('a');
    const { commands, lastError } = scene.history.look('a');
    expect(commands).toMatchObject([
      { outcome: 'accepted', code: undefined, durationMs: 5 },
      { outcome: 'failed', code: 'RangeError' },
      { outcome: 'rejected', code: 'ACCOUNT_OVERDRAWN' },
    ]);
    expect(lastError).toMatchObject({ code: 'RangeError', message: 'it failed', commandId: 'a-1' });
    expect(scene.history.look('b').lastError).toBeUndefined();
  });

  it('looks at a hundred actors at a time, and forgets the one looked at first', () => {
    const scene = new Scene();
    for (let i = 0; i <= 100; i++) scene.history.look(`a${i}`);
    expect(scene.history.look('a1').watchedSince).toBeTypeOf('number');
    expect(scene.history.look('a0').watchedSince).toBeUndefined();
  });
});
