import { CommandFailed, TroupeError } from './errors.js';
import type { PlainError } from './plain-error.js';

/**
 * A handler of an inline projection failed on what the command decided: the command was certainly not
 * executed, and nothing of it is stored. `details.projection` and `details.version` name it.
 */
export class InlineProjectionFailed extends CommandFailed {
  constructor(message: string, details: object, cause: PlainError | undefined) {
    super(message, details, cause, 'InlineProjectionFailed');
  }
}

/** What the log says that must be run with an append, and what was. Each as `name@version`. */
export interface InlineSets {
  /** All that are active on the log. */
  readonly active: readonly string[];
  /** Those of them that the events concern. */
  readonly needed: readonly string[];
  /** What the append ran. */
  readonly runs: readonly string[];
}

/** An append that does not run exactly the active inline projections that its events concern. */
export function inlineProjectionsDiffer(sets: InlineSets, cause?: unknown): TroupeError {
  const { needed, runs } = sets;
  const message = `These events need the inline projections ${listed(needed)}, and this process runs ${listed(runs)}: write them with the release that has those, or remove them with "troupe inline remove NAME"`;
  return new TroupeError('InlineProjectionsDiffer', message, sets, cause);
}

/** What an inline projection threw, or the database at its statements. */
export function inlineFailure(
  { name, version }: { readonly name: string; readonly version: number },
  cause: unknown,
): TroupeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `Inline projection ${name}@${version} failed: ${reason}`;
  return new TroupeError('InlineProjectionFailed', message, { projection: name, version }, cause);
}

function listed(keys: readonly string[]): string {
  return keys.length === 0 ? 'none' : keys.join(', ');
}
