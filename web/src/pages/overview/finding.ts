import type { ComponentChildren } from 'preact';
import { linkTo } from '../../app/place.js';
import type { SagaCounts } from '../../data/answers.js';
import { counted } from '../../format/words.js';

/** Something that does not go as it should, and a way to it. */
export interface Finding {
  readonly key: string;
  readonly status: string;
  readonly href: string;
  readonly name: string;
  readonly text: ComponentChildren;
}

/** Instances of a saga that wait for somebody to act; none, if none does. */
export function ofSaga({ name, instances: { parked = 0 } }: SagaCounts): readonly Finding[] {
  if (parked === 0) return [];
  return [
    {
      ...{ key: `saga ${name}`, status: 'parked', name },
      ...{ text: `${counted(parked, 'instance')} parked` },
      href: linkTo(['sagas', name], { status: 'parked' }),
    },
  ];
}
