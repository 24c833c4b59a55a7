import type { Migration } from './migration.js';

/** Which versions of which views and projections there are. Their tables are made when they are known. */
export const views: Migration = {
  number: 4,
  name: 'views',
  sql: (schema) => `
CREATE TABLE IF NOT EXISTS ${schema}.views (
  name       text COLLATE "C" NOT NULL,
  -- Below 0: the same version in tables of its own, while it is rebuilt, and what it has replaced.
  version    int NOT NULL,
  columns    text NOT NULL,
  -- Events that it listens to.
  listens    text,
  -- Of the code that builds it.
  code       text,
  state      text NOT NULL CHECK (state IN ('active', 'building', 'retired')),
  -- Events up to here are in a version that is being built.
  position   bigint NOT NULL DEFAULT 0,
  changed_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT views_pkey PRIMARY KEY (name, version)
);
ALTER TABLE ${schema}.views ADD COLUMN IF NOT EXISTS listens text, ADD COLUMN IF NOT EXISTS code text;
`,
};
