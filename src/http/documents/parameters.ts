/** A parameter of the path. */
export function inPath(name: string, description: string): object {
  return {
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string', minLength: 1 },
  };
}

/** A parameter of the query, as a document has it. */
export interface InQuery {
  readonly name: string;
  readonly in: 'query';
  readonly schema: object;
  readonly description: string;
}

/** A parameter of the query. */
export function inQuery(name: string, schema: object, description: string): InQuery {
  return { name, in: 'query', schema, description };
}

function inHeader(name: string, description: string, required = false): object {
  return { name, in: 'header', required, description, schema: { type: 'string', maxLength: 255 } };
}

/** What each request may say of itself. */
const TRACING = [
  inHeader('X-Correlation-Id', 'Stored with the events; default: the id of the command'),
  inHeader('X-Request-Id', 'Stored with the events; default: a new one'),
  inHeader('traceparent', 'W3C trace context, stored with the events'),
];

/** What each command may say of itself. */
export function ofCommands(requireKey: boolean, views: readonly string[]): readonly object[] {
  return [
    inHeader(
      'Idempotency-Key',
      'Once per key: a repeated one is answered with the first outcome',
      requireKey,
    ),
    inHeader('If-Match', 'Entity tag that the stream must have, or `*` for one that exists'),
    inHeader('If-None-Match', '`*` for a stream that must not exist'),
    ...TRACING,
    inQuery('expectedVersion', { type: 'string' }, 'As `If-Match`, but a conflict is 409, not 412'),
    inQuery('state', { type: 'boolean' }, 'The receipt carries the state'),
    ...(views.length > 0
      ? [
          {
            ...inQuery(
              'waitFor',
              { type: 'array', items: { enum: views } },
              'Answers when these views have handled the events',
            ),
            ...{ style: 'form', explode: false },
          },
        ]
      : []),
  ];
}

const WHOLE = { type: 'integer', minimum: 0 };
const INSTANT = { type: 'string', format: 'date-time' };

/** What of an audit log is asked for; `types` are those of its events. */
export function ofEvents(types: readonly string[]): readonly InQuery[] {
  return [
    inQuery('after', WHOLE, 'Version after which the page begins: `next` of the page before'),
    inQuery('upTo', WHOLE, 'Last version'),
    inQuery('limit', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }, 'Events'),
    inQuery('type', { type: 'array', items: { enum: types } }, 'Only of these types'),
    inQuery('since', INSTANT, 'Only what happened from then on'),
    inQuery('until', INSTANT, 'Only what happened until then'),
    inQuery('correlationId', { type: 'string' }, 'Only of this conversation'),
  ];
}
