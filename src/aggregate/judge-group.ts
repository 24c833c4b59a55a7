import type { Domain } from './domain.js';
import { drop, isSplit } from './event-spec.js';
import { needsReading } from './upcasting.js';

/** What a domain makes of the events of one type and schema version, before any of them is read. */
export type Judgement =
  /** Read as they are stored: no code of the domain stands between. */
  | { readonly kind: 'asStored' }
  /** Read by upcasters or a decoder, which may fail on some of them. */
  | { readonly kind: 'byCode' }
  | {
      readonly kind: 'unknownAggregate' | 'unknownType' | 'unknownVersion';
      readonly reason: string;
    };

/** Judges the events of one type and schema version; `aggregate` is the name in the log. */
export function judgeGroup(
  { stored }: Pick<Domain, 'stored'>,
  group: { readonly aggregate: string; readonly type: string; readonly schemaVersion: number },
): Judgement {
  const { aggregate, type, schemaVersion } = group;
  if (aggregate.startsWith('$')) return { kind: 'asStored' }; // reserved: the runtime's own
  const definition = stored.get(aggregate);
  if (!definition)
    return {
      kind: 'unknownAggregate',
      reason: `the domain has no aggregate stored as ${aggregate}`,
    };
  const codec = definition.codecs.get(type) ?? definition.former.get(type);
  if (!codec)
    return { kind: 'unknownType', reason: `${definition.name} has no event ${type}, nor had one` };
  if (codec === drop) return { kind: 'asStored' };
  if (!isSplit(codec) && (schemaVersion > codec.version || schemaVersion < 1)) {
    const reason = `${definition.name}.${codec.type} has schema versions 1 to ${codec.version}`;
    return { kind: 'unknownVersion', reason };
  }
  return { kind: needsReading({ definition }, group) ? 'byCode' : 'asStored' };
}
