import type { CommandMessage } from '../messages/command.js';

/** A timer whose command is sent. */
export interface Firing {
  readonly key: string;
  /** Version of the event that armed it. */
  readonly generation: number;
}

const PREFIX = '$timer/';

/** The idempotency key of a timer's command; that of another instance with the same key is another one. */
export function firingKey({ key, generation }: Firing): string {
  return `${PREFIX}${generation}/${key}`;
}

/** The timer that sent a command; `undefined` for any other command. */
export function firingOf({ key }: Pick<CommandMessage, 'key'>): Firing | undefined {
  if (!key.startsWith(PREFIX)) return undefined;
  const end = key.indexOf('/', PREFIX.length);
  const generation = Number(key.slice(PREFIX.length, end));
  return Number.isSafeInteger(generation) ? { generation, key: key.slice(end + 1) } : undefined;
}
