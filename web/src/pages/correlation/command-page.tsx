import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import type { Json, LogEvent } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { useQuery } from '../../data/use-query.js';
import { dateAndTime } from '../../format/times.js';
import { ConversationLink } from '../../parts/conversation-link.js';
import { Facts } from '../../parts/figures.js';
import { JsonTree } from '../../parts/json-tree.js';
import { Page, Panel } from '../../parts/page.js';
import { Empty, Loaded } from '../../parts/states.js';
import { Status } from '../../parts/status.js';

interface CommandFound {
  readonly kind: 'accepted' | 'rejected' | 'notFound';
  readonly events?: readonly LogEvent[];
  readonly rejection?: { readonly code: string; readonly message: string; readonly details: Json };
}

/** What became of a command, by its id. */
export function CommandPage({ params: { id = '' } }: PageProps) {
  const found = useQuery<CommandFound>(pathOf(['inspect', 'commands', id]));
  return (
    <Page title="Command" lead={<code>{id}</code>}>
      <Loaded query={found}>{(answer) => <Found found={answer} />}</Loaded>
    </Page>
  );
}

function Found({ found: { kind, events = [], rejection } }: { found: CommandFound }) {
  if (kind === 'notFound')
    return (
      <Empty title="No event of it is known">
        It may have been rejected or refused, have changed nothing, or not have been sent.
      </Empty>
    );
  return (
    <>
      <p class="part">
        <Status value={kind} />
      </p>
      {rejection && (
        <Panel title={rejection.code} note={rejection.message}>
          <JsonTree value={rejection.details} />
        </Panel>
      )}
      {events.map((event) => (
        <Stored key={event.eventId} event={event} />
      ))}
    </>
  );
}

function Stored({ event }: { event: LogEvent }) {
  const { aggregate, id, type, version, data, occurredAt, metadata } = event;
  const { correlationId } = metadata;
  return (
    <Panel title={type} note={`version ${version}`}>
      <Facts
        facts={[
          ['Of', <a href={linkTo(['actors', aggregate, id])}>{`${aggregate}/${id}`}</a>],
          ['Happened', dateAndTime(occurredAt)],
          ['Conversation', correlationId && <ConversationLink id={correlationId} />],
        ]}
      />
      <h3 class="part">Data</h3>
      <JsonTree value={data} depth={3} />
    </Panel>
  );
}
