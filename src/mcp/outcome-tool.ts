import { SchemaBook } from '../http/documents/json-schema.js';
import { notFound } from '../http/http-error.js';
import type { Allowed } from './allowed.js';
import { alone, onlyThese, READS, type Tool, textOf } from './tool.js';

/** Asks what became of a command that was answered `OutcomeUnknown`. */
export const OUTCOME_TOOL = 'command_outcome';

const book = new SchemaBook('draft-2020-12', () => undefined);
const WHOLE = { type: 'integer', minimum: 0 };

/** Where commands are allowed; it tells of those of their aggregates alone. */
export function outcomeTools({ commands }: Allowed): readonly Tool[] {
  if (commands.length === 0) return [];
  const aggregates = commands.map(({ definition }) => definition.name);
  return [
    {
      listed: {
        name: OUTCOME_TOOL,
        title: 'What became of a command',
        description:
          'Of a command that was answered with the code OutcomeUnknown: was it executed? The answer is final. Ask before sending it again.',
        inputSchema: alone(
          {
            ...{ additionalProperties: false, required: ['commandId'] },
            properties: { commandId: { type: 'string', description: 'Of the answer' } },
          },
          book,
        ),
        outputSchema: alone(
          {
            required: ['commandId', 'aggregate', 'id', 'outcome'],
            properties: {
              ...{ commandId: { type: 'string' }, aggregate: { enum: aggregates } },
              ...{ id: { type: 'string' }, version: WHOLE, position: WHOLE },
              outcome: { enum: ['accepted', 'rejected', 'notExecuted'] },
              rejection: { type: 'object' },
            },
          },
          book,
        ),
        annotations: READS,
      },
      toQuestion(given) {
        onlyThese(given, ['commandId']);
        return { method: 'GET', path: ['api', 'commands', textOf(given, 'commandId')] };
      },
      check(answer) {
        const { aggregate } = answer as { readonly aggregate: string };
        if (!aggregates.includes(aggregate))
          throw notFound('UnknownOutcome', 'No command of this id is known here');
      },
    },
  ];
}
