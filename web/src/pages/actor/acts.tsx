import type { ActorInside } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { hasVerbs, useApiDocument } from '../../data/api-document.js';
import { type Verb, VerbButton } from '../../parts/verb-button.js';

const VERBS = {
  passivate: 'It leaves memory if it has no work; the next command loads it again.',
  snapshot: 'A snapshot of its last committed version is written.',
  reload: 'It drops its state and reads it anew from the log. No command is lost.',
  quarantine: 'Its commands and queries are refused until it is released, those that wait too.',
  release: 'It takes commands again.',
} as const;

/** What an operator may do to it; nothing where that is switched off. */
export function Acts({ actor, onDone }: { actor: ActorInside; onDone: () => void }) {
  const { data } = useApiDocument();
  if (!hasVerbs(data)) return null;
  const names = (Object.keys(VERBS) as (keyof typeof VERBS)[]).filter((name) =>
    actor.quarantine ? name !== 'quarantine' : name !== 'release',
  );
  return (
    <>
      {/* One takes the place of the other, and keeps the focus. */}
      {names.map((name) => (
        <VerbButton
          key={name === 'release' ? 'quarantine' : name}
          verb={verbOf(actor, name)}
          onDone={onDone}
        />
      ))}
    </>
  );
}

function verbOf({ aggregate, id }: ActorInside, name: keyof typeof VERBS): Verb {
  return {
    text: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    what: VERBS[name],
    path: pathOf(['inspect', 'actors', aggregate, id, name]),
    isDanger: name === 'quarantine',
  };
}
