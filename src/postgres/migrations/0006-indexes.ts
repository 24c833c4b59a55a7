import type { Migration } from './migration.js';

/**
 * Where the events of a command or of a correlation are: filled behind the commit, by subscriptions, since
 * an index on the log itself would be paid for by each append.
 */
export const indexes: Migration = {
  number: 6,
  name: 'indexes',
  sql: (schema) => `
CREATE TABLE ${schema}.command_index (
  id       text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (id, position)
);
CREATE TABLE ${schema}.correlation_index (
  id       text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (id, position)
);
`,
};
