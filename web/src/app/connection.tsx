import { history } from '../data/history.js';
import { live } from '../data/live.js';
import { useStore } from '../data/store.js';

/** Whether the server is there; told aloud when that changes. */
export function Connection() {
  const { state, problem } = useStore(live);
  const { last, problem: asked } = useStore(history);
  const isLost = state === 'lost' || asked?.isUnreachable === true;
  const isOpen = !isLost && (state === 'open' || last !== undefined);
  const text = isLost ? 'Disconnected' : isOpen ? 'Live' : 'Connecting';
  const tone = isLost ? 'bad' : isOpen ? 'ok' : 'busy';
  return (
    <span class="connection" role="status" title={isLost ? (problem ?? asked)?.message : undefined}>
      <span class={`status tone-${tone}`}>
        <span class="status-sign" aria-hidden="true" />
        {text}
      </span>
    </span>
  );
}
