import type { Aggregate } from '../aggregate/define-aggregate.js';
import { defineView } from '../projection/define-view.js';
import type { View } from '../projection/view.js';
import { evolveSaga } from './evolve-saga.js';
import type { Saga } from './saga.js';
import { NEW_SAGA, nextDue, type SagaState } from './saga-state.js';
import type { Stepped } from './stepped.js';

/** An instance as it is listed: its state without the machine's context. */
export interface SagaListed extends SagaState {
  /** When its first step happened, Unix milliseconds. */
  readonly startedAt: number;
}

/** Columns by which instances are found. `value`: in which states the machine is, a name or JSON. */
export type SagaColumns = {
  readonly status: 'text';
  readonly value: 'text';
  /** Version of the saga on whose machine it runs. */
  readonly machine: 'integer';
  readonly nextDue: 'timestamptz';
  readonly startedAt: 'timestamptz';
  readonly time: 'timestamptz';
};

const initial: SagaListed = { ...NEW_SAGA, startedAt: 0 };

/** The instances of a saga: a view over its streams, kept by the runtime itself. */
export function sagaView(saga: Saga, streams: Aggregate): View {
  return defineView({
    name: `saga-${saga.name}`,
    version: 1,
    on: [streams],
    key: (event: { readonly id: string }) => event.id,
    initial,
    columns: {
      status: 'text',
      value: { type: 'text', value: ({ snapshot }) => valueText(snapshot?.value) },
      machine: { type: 'integer', value: ({ machine }) => machine?.version ?? null },
      nextDue: { type: 'timestamptz', value: (listed) => instant(nextDue(listed)?.due) },
      startedAt: { type: 'timestamptz', value: ({ startedAt }) => instant(startedAt) },
      time: { type: 'timestamptz', value: ({ time }) => instant(time) },
    },
    evolve(before: SagaListed, { data }: { readonly data: unknown }) {
      const stepped = data as Stepped;
      const { snapshot, ...after } = evolveSaga(before, stepped);
      const startedAt = before.step === 0 ? stepped.at : before.startedAt;
      return {
        ...after,
        snapshot: snapshot && { value: snapshot.value, context: null },
        startedAt,
      };
    },
  }) as unknown as View;
}

/** Longer ones are cut: what is filtered by is a name. */
const MAX_VALUE = 500;

export function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.slice(0, MAX_VALUE);
}

function instant(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
