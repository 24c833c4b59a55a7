import type { UnknownCommand } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import { fenceIfThere } from '../store/fence-if-there.js';
import { type KeptVerdict, readVerdict } from '../store/outcomes.js';
import type { Store } from '../store/store.js';

/** What became of a command, for certain. */
export type ResolvedOutcome =
  | {
      readonly kind: 'accepted';
      readonly version: number;
      readonly position: number;
      /** As they are stored: neither lifted nor decoded. */
      readonly events: readonly StoredEvent[];
    }
  | KeptVerdict
  | { readonly kind: 'notExecuted' };

/**
 * Looks a command up after its writer was fenced. A command without events and without a key left no
 * trace and no effect: it counts as not executed.
 */
export async function findOutcome(store: Store, command: UnknownCommand): Promise<ResolvedOutcome> {
  if (command.writerId > 0) await fenceIfThere(store, command.writerId);
  const { afterPosition, incarnation, key } = command;
  const events = await store.findCommands({ commands: [command], afterPosition, incarnation });
  const last = events.at(-1);
  if (last) return { kind: 'accepted', version: last.version, position: last.position, events };
  if (key === '') return { kind: 'notExecuted' };
  const [outcome] = await store.findOutcomes([command]);
  if (!outcome || outcome.commandId !== command.commandId) return { kind: 'notExecuted' };
  if (outcome.rejection !== undefined) return readVerdict(outcome.rejection);
  const [head] = await store.heads([command]);
  return {
    kind: 'accepted',
    version: outcome.toVersion,
    position: head?.position ?? 0,
    events: [],
  };
}
