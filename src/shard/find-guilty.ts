import type { Actor } from '../actor/actor.js';
import type { Decision } from '../actor/decision.js';
import type { Store } from '../store/store.js';
import { actorsOf } from './batch.js';

/**
 * Whose stream has moved on, or whose key is taken: asked of the log, never read from an error's text.
 * If none is found (what stood in the way is gone again) all are: they catch up and decide again.
 */
export async function findGuilty(
  store: Store,
  decisions: readonly Decision[],
): Promise<Set<Actor>> {
  const actors = actorsOf(decisions);
  const streams = actors.flatMap((actor) => (actor.companion ? [actor, actor.companion] : [actor]));
  const keyed = decisions.filter((d) => d.outcome !== undefined);
  const [heads, taken] = await Promise.all([
    store.heads(streams),
    keyed.length === 0 ? [] : store.findOutcomes(keyed.map((d) => d.command.message)),
  ]);
  const moved = new Set(
    streams.filter((actor, i) => heads[i]?.version !== actor.committed.version),
  );
  const guilty = new Set(
    actors.filter((actor) => moved.has(actor) || (actor.companion && moved.has(actor.companion))),
  );
  const takenKeys = new Set(taken.map((o) => keyOf(o)));
  for (const decision of keyed) {
    if (takenKeys.has(keyOf(decision.command.message))) guilty.add(decision.actor);
  }
  return guilty.size > 0 ? guilty : new Set(actors);
}

function keyOf({ aggregate, id, key }: { aggregate: string; id: string; key: string }): string {
  return JSON.stringify([aggregate, id, key]);
}
