import { InvalidArgumentError, Option } from 'commander';
import { schemaProblem } from '../postgres/names.js';
import { DEFAULT_SCHEMA } from '../postgres/options.js';

/** `--schema`, checked; alike for all commands. */
export function schemaOption(): Option {
  return new Option('--schema <name>', 'schema that holds the tables')
    .default(DEFAULT_SCHEMA)
    .argParser(parseSchema);
}

function parseSchema(name: string): string {
  const problem = schemaProblem(name);
  if (problem) throw new InvalidArgumentError(problem);
  return name;
}
