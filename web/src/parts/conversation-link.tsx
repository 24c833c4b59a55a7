import { linkTo } from '../app/place.js';

/** Leads to all that one correlation id has brought about. */
export function ConversationLink({ id }: { id: string }) {
  return (
    <a href={linkTo(['events', 'correlations', id])}>
      <code>{id}</code>
    </a>
  );
}
