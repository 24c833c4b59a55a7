import { builtInOf, type Domain } from '../aggregate/domain.js';
import { SetupError } from '../messages/errors.js';
import type { View, ViewTypes } from '../projection/view.js';
import type { ViewClient } from '../projection/view-client.js';
import { canResume } from './migrate.js';
import type { Saga } from './saga.js';
import type { SagaListed } from './saga-view.js';
import { sagasOf } from './sagas.js';

const SHOWN = 20;
const PAGE = 1000;

interface Stranded {
  readonly id: string;
  readonly version: number;
}

/**
 * Refuses to start where instances can neither go on with their machine nor be moved to today's. Throws a
 * `SetupError` with code `SagaVersionUnknown` that lists them.
 */
export async function refuseStranded(
  domain: Pick<Domain, 'readers'>,
  clientOf: (view: View) => ViewClient<ViewTypes>,
): Promise<void> {
  for (const saga of sagasOf(domain)) {
    const view = builtInOf(saga)?.readers[0] as unknown as View;
    const stranded = await strandedOf(saga, clientOf(view));
    if (stranded.length === 0) continue;
    const versions = new Set(stranded.map(({ version }) => version));
    const ids = stranded.slice(0, SHOWN).map(({ id }) => id);
    const more = stranded.length > SHOWN ? ` and more` : '';
    throw new SetupError(
      'SagaVersionUnknown',
      `Saga ${saga.name}: instances run on a machine of version ${[...versions].join(', ')}, which is not registered: ${ids.join(', ')}${more}. Give that machine in previous, or migrate`,
      { saga: saga.name, instances: ids, versions: [...versions] },
    );
  }
}

/** Those of the first page that has any: instances on older machines that are registered come before them. */
async function strandedOf(saga: Saga, view: ViewClient<ViewTypes>): Promise<readonly Stranded[]> {
  for (let after: string | undefined; ; ) {
    const { items, next } = await view.find({
      where: { status: { in: ['active', 'parked'] }, machine: { ne: saga.version } },
      ...{ limit: PAGE, ...(after !== undefined && { after }) },
    } as never);
    const stranded = items.flatMap(({ key, document }) => {
      const { machine } = document as SagaListed;
      const isLost = machine !== null && !canResume(saga, machine);
      return isLost ? { id: key, version: machine.version } : [];
    });
    if (stranded.length > 0 || next === undefined) return stranded;
    after = next;
  }
}
