import type { Actor } from './actor.js';
import {
  accept,
  type DecideSetup,
  decide,
  decideDurably,
  decideWithoutDomain,
  isDurable,
  toVerdict,
  type Verdict,
} from './decide.js';
import type { QueuedCommand } from './queued-command.js';

/** Decides a command, whichever way it is declared, on an actor that no shard has. Never rejects. */
export async function decideAlone(
  actor: Actor,
  command: QueuedCommand,
  setup: DecideSetup,
): Promise<Verdict> {
  if (!isDurable(actor, command)) return decide(actor, command, setup);
  const early = decideWithoutDomain(actor, command, setup);
  command.attempts += 1;
  if (early) return early;
  try {
    return accept(actor, command, await decideDurably(actor, command, setup), setup);
  } catch (thrown) {
    return toVerdict(actor, command, thrown);
  }
}
