import { BASE, send } from '../../data/api.js';
import { type ApiDocument, type Operation, useApiDocument } from '../../data/api-document.js';
import { token } from '../../data/session.js';
import { useStore } from '../../data/store.js';
import { counted } from '../../format/words.js';
import { Page, Panel } from '../../parts/page.js';
import { Loaded } from '../../parts/states.js';

interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const DOCUMENTS = [
  ['/openapi.json', 'OpenAPI 3.1', 'commands, reads and inspection'],
  ['/asyncapi.json', 'AsyncAPI 3', 'the events'],
] as const;

/** What this server answers, and the documents that say so. */
export function ApiPage() {
  const document = useApiDocument();
  return (
    <Page
      title="API"
      lead={document.data && `${document.data.info.title} ${document.data.info.version}`}
    >
      <Documents />
      <Loaded query={document} rows={8}>
        {(found) => (
          <>
            {[...byTag(found)].map(([tag, endpoints]) => (
              <Endpoints key={tag} tag={tag} endpoints={endpoints} />
            ))}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Documents() {
  const isLocked = useStore(token) !== '';
  return (
    <Panel title="Documents">
      <ul class="stack">
        {!isLocked && (
          <li>
            <a href={`${BASE}/docs`}>Swagger UI</a> <span class="note">to try it out</span>
          </li>
        )}
        {DOCUMENTS.map(([path, name, what]) => (
          <li key={path}>
            {isLocked ? (
              // A link cannot send the token.
              <button type="button" class="link" onClick={() => void save(path)}>
                {name}
              </button>
            ) : (
              <a href={BASE + path}>{name}</a>
            )}{' '}
            <span class="note">{what}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Endpoints({ tag, endpoints }: { tag: string; endpoints: readonly Endpoint[] }) {
  return (
    <Panel title={tag} note={counted(endpoints.length, 'endpoint')}>
      <ul class="endpoints">
        {endpoints.map(({ method, path, operation }) => (
          <li key={`${method} ${path}`}>
            <span class="mark">{method}</span> <code>{path}</code>{' '}
            <span class="note">{operation.summary}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function byTag({ paths }: ApiDocument): ReadonlyMap<string, readonly Endpoint[]> {
  const tags = new Map<string, Endpoint[]>();
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      if (method === 'parameters') continue;
      const [tag = 'others'] = operation.tags ?? [];
      tags.set(tag, [...(tags.get(tag) ?? []), { method: method.toUpperCase(), path, operation }]);
    }
  return tags;
}

async function save(path: string): Promise<void> {
  const url = URL.createObjectURL(await (await send(path)).blob());
  const link = Object.assign(document.createElement('a'), { href: url, download: path.slice(1) });
  link.click();
  URL.revokeObjectURL(url);
}
