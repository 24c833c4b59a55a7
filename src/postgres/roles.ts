import { quoted } from './names.js';

/** The roles of a log whose processes have no right that they do not need. */
export interface RoleNames {
  /** Owns the schema; applies migrations. */
  readonly owner: string;
  /** What processes connect as, with `migrate: false`. */
  readonly app: string;
  /** Reads, for people and reports. */
  readonly reader: string;
}

/** Names of the roles of a schema where nobody chose others. */
export function defaultRoleNames(schema: string): RoleNames {
  return { owner: `${schema}_owner`, app: `${schema}_app`, reader: `${schema}_reader` };
}

/** What a role needs that uses a log and does not own it: no UPDATE or DELETE of events. */
export function grantAppSql(schema: string, role: string): string {
  const s = quoted(schema);
  const to = quoted(role);
  return `-- CREATE: views and projections have tables of their own, which processes make and own.
GRANT USAGE, CREATE ON SCHEMA ${s} TO ${to};
GRANT SELECT ON ALL TABLES IN SCHEMA ${s} TO ${to};
GRANT INSERT ON ${s}.events, ${s}.writers, ${s}.outcomes, ${s}.snapshots, ${s}.subscriptions, ${s}.parked TO ${to};
GRANT INSERT ON ${s}.views, ${s}.inline_projections, ${s}.command_index, ${s}.correlation_index TO ${to};
GRANT INSERT ON ${s}.timers, ${s}.audit, ${s}.quarantine TO ${to};
GRANT UPDATE ON ${s}.writers, ${s}.outcomes, ${s}.snapshots, ${s}.subscriptions, ${s}.parked, ${s}.views TO ${to};
GRANT UPDATE ON ${s}.inline_projections, ${s}.timers, ${s}.quarantine, ${s}.quarantine_mark TO ${to};
GRANT UPDATE (result, message, finished_at) ON ${s}.audit TO ${to};
GRANT DELETE ON ${s}.writers, ${s}.outcomes, ${s}.views, ${s}.timers, ${s}.quarantine TO ${to};
GRANT EXECUTE ON FUNCTION ${s}.lock_events_v1(), ${s}.guard_inline_v1() TO ${to};`;
}

/** What a role needs that reads a log. */
export function grantReaderSql(schema: string, role: string): string {
  const s = quoted(schema);
  const to = quoted(role);
  return `GRANT USAGE ON SCHEMA ${s} TO ${to};
GRANT SELECT ON ALL TABLES IN SCHEMA ${s} TO ${to};`;
}

/**
 * The whole script: roles, the schema, and grants on the tables of the migrations that `migrationsSql`
 * is. To be run by a superuser, or by whoever may create roles and schemas; passwords are set apart.
 */
export function rolesSql(schema: string, names: RoleNames, migrationsSql: string): string {
  const [s, owner] = [quoted(schema), quoted(names.owner)];
  return `-- ${names.owner}: owns the schema, applies migrations. Nobody logs in as it.
CREATE ROLE ${owner} NOLOGIN;
-- ${names.app}: what processes connect as, with migrate: false.
CREATE ROLE ${quoted(names.app)} LOGIN;
-- Appends see what commits while they wait for a lock; behind a pooler this cannot be set per session.
ALTER ROLE ${quoted(names.app)} SET default_transaction_isolation = 'read committed';
-- ${names.reader}: for people and reports.
CREATE ROLE ${quoted(names.reader)} NOLOGIN;

CREATE SCHEMA IF NOT EXISTS ${s} AUTHORIZATION ${owner};
GRANT ${owner} TO CURRENT_USER;
SET ROLE ${owner};
${migrationsSql.trim()}

-- Again after each migration that adds a table.
${grantAppSql(schema, names.app)}
${grantReaderSql(schema, names.reader)}
RESET ROLE;
-- And what processes make.
GRANT ${quoted(names.app)} TO CURRENT_USER;
ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(names.app)} IN SCHEMA ${s} GRANT SELECT ON TABLES TO ${quoted(names.reader)};
`;
}
