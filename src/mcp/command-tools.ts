import { eventSchemas, receiptSchema } from '../http/documents/aggregate-schemas.js';
import { type JsonSchema, SchemaBook } from '../http/documents/json-schema.js';
import { rejectionsOf } from '../http/documents/responses.js';
import type { Inside, InsideOptions, Question } from '../http/mcp-mount.js';
import type { Allowed, AllowedCommand } from './allowed.js';
import {
  type Arguments,
  alone,
  invalidArguments,
  onlyThese,
  SCHEMAS_AT,
  type Tool,
  textOf,
  toolName,
} from './tool.js';

const ARGUMENTS = ['id', 'data', 'idempotencyKey', 'expectedVersion', 'waitFor'];
const WHERE = { create: 'a new', upsert: 'a new or an existing', existing: 'an existing' };

/** A tool for each command that is allowed. */
export function commandTools({ about }: Inside, { commands, views }: Allowed): readonly Tool[] {
  const waitable = views.map(({ name }) => name);
  return commands.map((command) => commandTool(command, about, waitable));
}

function commandTool(
  command: AllowedCommand,
  about: InsideOptions,
  views: readonly string[],
): Tool {
  const { definition, type } = command;
  const kind = kindOf(command);
  return {
    listed: {
      name: toolName(definition.name, type),
      title: `${type} (${definition.name})`,
      description: describe(command, about),
      inputSchema: inputOf(command, about, views),
      outputSchema: outputOf(command, about),
      annotations: {
        readOnlyHint: false,
        destructiveHint: command.isDestructive ?? kind !== 'create',
        // With a key that is required, the same arguments are the same command.
        idempotentHint: about.requireIdempotencyKey,
        openWorldHint: false,
      },
    },
    ...(kind === 'existing' && { bodyAt: '/data' }),
    toQuestion(given) {
      onlyThese(given, ARGUMENTS);
      return { ...sending(command, given), ...sendingOptions(given, views) };
    },
  };
}

function kindOf({ definition, type }: AllowedCommand): keyof typeof WHERE {
  return definition.commands[type]?.kind ?? 'existing';
}

/** What may start a stream is sent as a creation, with which an id may be left out. */
function sending(
  command: AllowedCommand,
  given: Arguments,
): Pick<Question, 'method' | 'path' | 'body'> {
  const { definition, type } = command;
  const { data = {}, id } = given;
  const path = ['api', definition.name];
  if (kindOf(command) === 'existing')
    return { method: 'POST', path: [...path, textOf(given, 'id'), type], body: data };
  const named = id === undefined ? {} : { id: textOf(given, 'id') };
  return { method: 'POST', path, body: { type, data, ...named } };
}

function sendingOptions(
  given: Arguments,
  views: readonly string[],
): Pick<Question, 'query' | 'headers'> {
  const { idempotencyKey, expectedVersion, waitFor = [] } = given;
  if (!isListOf(waitFor, views))
    throw wrong('/waitFor', `expected a list of ${views.join(', ') || 'nothing'}`);
  if (expectedVersion !== undefined && !isVersion(expectedVersion))
    throw wrong('/expectedVersion', 'expected a version');
  return {
    query: [
      ...waitFor.map((name) => ['waitFor', name] as const),
      ...(expectedVersion === undefined
        ? []
        : [['expectedVersion', String(expectedVersion)] as const]),
    ],
    headers: idempotencyKey === undefined ? {} : { 'idempotency-key': keyOf(given) },
  };
}

function keyOf(given: Arguments): string {
  const key = textOf(given, 'idempotencyKey');
  if (/^[!-~]([ -~]{0,253}[!-~])?$/.test(key)) return key;
  throw wrong('/idempotencyKey', 'expected 1 to 255 printable ASCII characters');
}

function isListOf(value: unknown, known: readonly string[]): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => known.includes(one as string));
}

function isVersion(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function wrong(pointer: string, message: string) {
  return invalidArguments([{ pointer, message }]);
}

function describe(command: AllowedCommand, { jsonSchema }: InsideOptions): string {
  const { definition, type, description } = command;
  const book = new SchemaBook('draft-2020-12', jsonSchema);
  const rejections = rejectionsOf(definition, book).map(({ code, title }) => `${code} (${title})`);
  const what = description ?? `Sends ${type} to ${WHERE[kindOf(command)]} ${definition.name}.`;
  return `${what} The answer proves that it is stored. It may be rejected as ${rejections.join(', ')}.`;
}

function inputOf(
  command: AllowedCommand,
  { jsonSchema, requireIdempotencyKey }: InsideOptions,
  views: readonly string[],
): Tool['listed']['inputSchema'] {
  const { definition, type } = command;
  const book = new SchemaBook('draft-2020-12', jsonSchema, SCHEMAS_AT);
  const schema = definition.commands[type]?.schema;
  const data = book.add(`${definition.name}.command.${type}`, schema, 'input');
  const isNew = kindOf(command) !== 'existing';
  const id = isNew ? 'Of the instance. Default: derived, or a new one' : 'Of the instance';
  const properties: Record<string, JsonSchema> = {
    id: { type: 'string', minLength: 1, description: id },
    data,
    idempotencyKey: {
      ...{ type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
      description: 'Any text of yours: sent again with it, the command has no second effect',
    },
    expectedVersion: {
      ...{ type: 'integer', minimum: 0 },
      description: 'Refused as VersionConflict unless the instance has this version',
    },
    ...(views.length > 0 && {
      waitFor: {
        ...{ type: 'array', items: { enum: views } },
        description: 'Answered when these views show it',
      },
    }),
  };
  const required = [
    ...(isNew ? [] : ['id']),
    'data',
    ...(requireIdempotencyKey ? ['idempotencyKey'] : []),
  ];
  return alone({ type: 'object', additionalProperties: false, required, properties }, book);
}

/** A client refuses what does not fit, after the command was executed: so nothing is promised of what is hidden. */
function outputOf(
  { definition }: AllowedCommand,
  { isRedacted }: InsideOptions,
): Tool['listed']['outputSchema'] {
  const book = new SchemaBook('draft-2020-12', () => undefined, SCHEMAS_AT);
  const events = isRedacted
    ? new Map([...definition.codecs.values()].map(({ type }) => [type, {}]))
    : eventSchemas(definition, book);
  return alone(receiptSchema(definition, events), book);
}
