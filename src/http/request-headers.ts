import type { SendOptions } from '../client/send-options.js';
import { uuidv7 } from '../messages/ids.js';
import type { Call } from './call.js';
import { badRequest } from './http-error.js';

/** Version 00 of the W3C trace context; another one is to be read in the same way. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;
const MAX_TEXT = 255;

/** What the headers of a command say of it: metadata, idempotency key. Throws 400. */
export function sendOptions(call: Call, requireKey: boolean): SendOptions {
  const idempotencyKey = keyOf(call, requireKey);
  const correlationId = shortText(call, 'x-correlation-id');
  const requestId = shortText(call, 'x-request-id') ?? uuidv7();
  const given = call.traceparent;
  const metadata = {
    ...(correlationId !== undefined && { correlationId }),
    ...call.principal,
    requestId,
    ...(given !== undefined && TRACEPARENT.test(given) && { traceparent: given }),
  };
  return { metadata, ...(idempotencyKey !== undefined && { idempotencyKey }) };
}

/** The id of the request's trace; a new one if it brings none. */
export function traceIdOf(call: Call): string {
  const given = call.traceparent ?? call.header('traceparent') ?? '';
  const [, traceId] = TRACEPARENT.exec(given) ?? [];
  return traceId ?? uuidv7().replaceAll('-', '');
}

/** Given as a token or, as its draft has it, as a quoted string: both are the same key. */
function keyOf(call: Call, isRequired: boolean): string | undefined {
  const given = shortText(call, 'idempotency-key');
  if (given === undefined && isRequired)
    throw badRequest(
      'IdempotencyKeyMissing',
      'Commands need an Idempotency-Key: any text that no other command of this stream has',
    );
  return given?.replace(/^"(.+)"$/, '$1');
}

function shortText(call: Call, name: string): string | undefined {
  const value = call.header(name);
  if (value === undefined) return undefined;
  if (value.length >= 1 && value.length <= MAX_TEXT && /^[ -~]+$/.test(value)) return value;
  throw badRequest(
    'InvalidHeader',
    `Header ${name}: expected 1 to ${MAX_TEXT} printable ASCII characters, got ${JSON.stringify(value.slice(0, 60))}`,
  );
}
