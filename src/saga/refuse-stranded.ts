import { builtInOf, type Domain } from '../aggregate/domain.js';
import { SetupError } from '../messages/errors.js';
import type { View, ViewTypes } from '../projection/view.js';
import type { ViewClient } from '../projection/view-client.js';
import { canResume } from './migrate.js';
import type { SagaListed } from './saga-view.js';
import { sagasOf } from './sagas.js';

const SHOWN = 20;

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
    const { items } = await clientOf(view).find({
      where: { status: { in: ['active', 'parked'] }, machine: { ne: saga.version } },
      limit: 1000,
    } as never);
    const stranded = items.filter(({ document }) => {
      const { machine } = document as SagaListed;
      return machine !== null && !canResume(saga, machine);
    });
    if (stranded.length === 0) continue;
    const versions = new Set(stranded.map((it) => (it.document as SagaListed).machine?.version));
    const ids = stranded.slice(0, SHOWN).map(({ key }) => key);
    const more = stranded.length > SHOWN ? ` and ${stranded.length - SHOWN} more` : '';
    throw new SetupError(
      'SagaVersionUnknown',
      `Saga ${saga.name}: instances run on a machine of version ${[...versions].join(', ')}, which is not registered: ${ids.join(', ')}${more}. Give that machine in previous, or migrate`,
      { saga: saga.name, instances: ids, versions: [...versions] },
    );
  }
}
