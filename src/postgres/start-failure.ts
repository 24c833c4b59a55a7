import { SetupError } from '../messages/errors.js';
import type { ResolvedPostgres } from './options.js';
import { readFailure } from './translate-error.js';

/** What is wrong with a database that refused the start, in words for who has to mend it. */
export function startFailure(error: unknown, { url, schema }: ResolvedPostgres): Error {
  const cause = readFailure(error);
  const { code } = cause as { readonly code?: unknown };
  const { database, user } = partsOf(url);
  const details = { schema, database, user };
  switch (code) {
    case '42501': // insufficient_privilege
      return new SetupError(
        'MissingRights',
        `The role ${user} lacks a right in the database ${database}: expected to own schema ${schema}, or to use what "troupe migrations --sql --schema ${schema}" made, got: ${cause.message}`,
        details,
        cause,
      );
    case '3D000': // invalid_catalog_name
      return new SetupError(
        'NoDatabase',
        `There is no database ${database}: expected one in UTF8, made by CREATE DATABASE, got: ${cause.message}`,
        details,
        cause,
      );
    case '28000': // invalid_authorization_specification
    case '28P01': // invalid_password
      return new SetupError(
        'LoginRefused',
        `The server refused the role ${user} for the database ${database}: expected credentials that it takes, got: ${cause.message}`,
        details,
        cause,
      );
    default:
      return cause;
  }
}

/** The password stays out of messages. */
function partsOf(url: string): { readonly database: string; readonly user: string } {
  if (!URL.canParse(url)) return { database: 'named in store.url', user: 'named in store.url' };
  const { pathname, username } = new URL(url);
  return {
    database: decodeURIComponent(pathname.slice(1)) || 'of the default name',
    user: decodeURIComponent(username) || 'of the default name',
  };
}
