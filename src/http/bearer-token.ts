import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authorize } from './action.js';

/** Who may do everything by a token. */
export interface TokenOf {
  /** At least 16 characters. */
  readonly token: string;
  /** Stored with the events that its commands cause. */
  readonly principal: string;
}

/**
 * Admits who sends one of these tokens as `Authorization: Bearer`, to everything; and everybody to health,
 * which says nothing but whether this process works.
 */
export function bearerTokens(tokens: readonly TokenOf[]): Authorize {
  const known = tokens.map(({ token, principal }) => ({ digest: digest(token), principal }));
  return (request, { kind }) => {
    if (kind === 'health') return 'anyone';
    const [, token] = /^Bearer +(\S+)$/i.exec(request.header('authorization') ?? '') ?? [];
    if (token === undefined) return undefined;
    const given = digest(token);
    // All are compared, each in constant time: how long it takes says nothing of any token.
    const matching = known.filter((one) => timingSafeEqual(one.digest, given));
    return matching[0]?.principal;
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
