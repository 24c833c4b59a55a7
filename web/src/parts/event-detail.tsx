import { linkTo } from '../app/place.js';
import type { LogEvent } from '../data/answers.js';
import { count } from '../format/numbers.js';
import { dateAndTime, duration } from '../format/times.js';
import { ConversationLink } from './conversation-link.js';
import { Facts } from './figures.js';
import { JsonTree } from './json-tree.js';
import { Panel } from './page.js';

/** An event as it is stored. */
export function EventDetail({ event, close }: { event: LogEvent; close: () => void }) {
  const { aggregate, id, version, type, data, metadata, unreadable, readsAs } = event;
  const { correlationId } = metadata;
  return (
    <Panel
      title={`${type} (version ${version})`}
      actions={
        <button type="button" onClick={close}>
          Close
        </button>
      }
    >
      {unreadable && (
        <p class="notice notice-bad">This code cannot read it: {unreadable.message}</p>
      )}
      <Facts
        facts={[
          ['Of', <a href={linkTo(['actors', aggregate, id])}>{`${aggregate}/${id}`}</a>],
          ['Position', count(event.position)],
          ['Happened', dateAndTime(event.occurredAt)],
          ['Stored', `${duration(Math.max(0, event.recordedAt - event.occurredAt))} later`],
          [
            'Command',
            <a href={linkTo(['events', 'commands', event.commandId])}>
              <code>{event.commandId}</code>
            </a>,
          ],
          ['Conversation', correlationId && <ConversationLink id={correlationId} />],
        ]}
      />
      <h3 class="part">Data</h3>
      <JsonTree value={data} depth={3} />
      {readsAs && (
        <>
          <h3 class="part">Reads today as</h3>
          <JsonTree value={readsAs} depth={4} />
        </>
      )}
      <h3 class="part">Metadata</h3>
      <JsonTree value={metadata as never} depth={1} />
    </Panel>
  );
}
