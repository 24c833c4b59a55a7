import type { Saga } from '../../saga/saga.js';
import type { SagaInstanceState, SagaItem } from '../../saga/saga-client.js';
import type { Redact } from '../redaction.js';

/** An instance as it leaves: timers, commands and effects as lists, which have no names of their own. */
export function sagaShown(
  redact: Redact,
  { name }: Saga,
  instance: SagaInstanceState | SagaItem,
): unknown {
  const { timers, commands, effects, error, output: _, ...rest } = instance;
  const { stack: __, cause: ___, ...told } = error ?? { name: '', message: '' };
  const shown = {
    ...rest,
    ...('context' in instance && { output: instance.output ?? null }),
    timers: Object.values(timers),
    commands: Object.values(commands),
    effects: Object.values(effects),
    error: error && told,
  };
  return redact(shown, { kind: 'saga', saga: name, id: instance.id });
}
