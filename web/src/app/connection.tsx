import { history } from '../data/history.js';
import { live } from '../data/live.js';
import { useStore } from '../data/store.js';

/** Whether the server is there; told aloud when that changes. */
export function Connection() {
  const { state, problem } = useStore(live);
  const { last, problem: asked } = useStore(history);
  const isRefused = (problem?.status ?? 0) > 0;
  const isLost = (state === 'lost' && !isRefused) || asked?.isUnreachable === true;
  const isOpen = !isLost && (state === 'open' || last !== undefined);
  const [text, tone] = isLost
    ? ['Disconnected', 'bad']
    : isRefused
      ? ['Not admitted', 'bad']
      : isOpen
        ? ['Live', 'ok']
        : ['Connecting', 'busy'];
  return (
    <span class="connection" role="status" title={isLost ? (problem ?? asked)?.message : undefined}>
      <span class={`status tone-${tone}`}>
        <span class="status-sign" aria-hidden="true" />
        {text}
      </span>
    </span>
  );
}
