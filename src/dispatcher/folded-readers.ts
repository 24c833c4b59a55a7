import type { Domain } from '../aggregate/domain.js';
import { oneOf } from '../internal/nearest.js';
import { SetupError, TroupeError } from '../messages/errors.js';

/**
 * Waiting where nothing runs: views in memory are folded when they are asked, so each has always handled
 * everything; other readers need a database.
 */
export class FoldedReaders {
  constructor(private readonly domain: Pick<Domain, 'readers'>) {}

  check(names: readonly string[]): undefined {
    for (const name of names) this.checkOne(name);
  }

  // Rejects, as where there is something to wait for.
  async waitFor(name: string): Promise<void> {
    this.checkOne(name);
  }

  private checkOne(name: string): void {
    const reader = this.domain.readers.get(name);
    if (reader?.kind === 'view') return;
    if (reader)
      throw new SetupError(
        'NoSubscriptions',
        `The ${reader.kind} ${name} does not run on this store, so it cannot be waited for: expected the store postgres`,
        { name },
      );
    const expected = oneOf([...this.domain.readers.keys()], name);
    const message = `There is no subscription ${name}: expected ${expected}`;
    throw new TroupeError('UnknownSubscription', message, { name });
  }
}
