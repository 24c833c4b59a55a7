import { SetupError } from '../messages/errors.js';
import type { Projection } from './projection.js';
import { forProjection } from './projection-consumer.js';

/** The statements of a projection's `setup`, and the tables that it named, quoted. */
export interface SetupSql {
  readonly statements: readonly string[];
  readonly tables: readonly string[];
}

/** What `setup` would send. Throws `SetupNotPrintable` for one with parameters. */
export async function setupSql(projection: Projection, schema: string): Promise<SetupSql> {
  const statements: string[] = [];
  const tables = new Set<string>();
  const record = async (text: string, values?: readonly unknown[]): Promise<readonly never[]> => {
    if (values && values.length > 0)
      throw new SetupError(
        'SetupNotPrintable',
        `Projection ${projection.name}: setup: expected statements without parameters, which can be printed, got ${text}`,
        { name: projection.name },
      );
    statements.push(text);
    return [];
  };
  const tx = forProjection(projection, { schema }, { query: record });
  await projection.setup({
    query: (text, values) => tx.query(text, values),
    table(name) {
      const table = tx.table(name);
      tables.add(table);
      return table;
    },
  });
  return { statements, tables: [...tables] };
}
