import { defineAggregate, event, type RecordedEvent, toCloudEvent, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const define = (given: { namespace?: string; storedAs?: string }) =>
  defineAggregate({
    name: 'customer',
    ...given,
    commands: { meet: upsert(z.object({})) },
    events: {
      met: event({
        schema: z.object({ at: z.date() }),
        encode: ({ at }) => ({ at: at.toISOString() }),
        decode: ({ at }) => ({ at: new Date(at) }),
      }),
    },
    initialState: {},
    decide: { meet: (_state, _data, { event, now }) => [event.met({ at: now })] },
    evolve: { met: (state) => state },
  });

const customer = define({ namespace: 'https://example.org/crm' });
const recorded = {
  ...{ eventId: 'customer/a%2Fb@3', aggregate: 'customer', id: 'a/b', version: 3, position: 9 },
  ...{ type: 'met' as const, data: { at: new Date(0) }, commandId: 'c', metadata: {} },
  ...{ occurredAt: new Date(Date.UTC(2024, 1, 29)), recordedAt: new Date() },
};

describe('a recorded event as a CloudEvent', () => {
  it('has the attributes of CloudEvents 1.0, its data as it is stored', () => {
    const metadata = { correlationId: 'x', causationId: 'y', traceparent: '00-z', tenant: 't' };
    expect(toCloudEvent({ ...recorded, metadata }, customer)).toEqual({
      specversion: '1.0',
      id: 'customer/a%2Fb@3',
      source: 'https://example.org/crm',
      type: 'customer.met',
      subject: 'a/b',
      time: '2024-02-29T00:00:00.000Z',
      datacontenttype: 'application/json',
      data: { at: '1970-01-01T00:00:00.000Z' },
      correlationid: 'x',
      causationid: 'y',
      traceparent: '00-z',
    });
  });

  it('leaves out what there is none of', () => {
    const given = { ...recorded, metadata: { correlationId: '', traceparent: 7 } };
    expect(Object.keys(toCloudEvent(given, customer)).sort()).toEqual([
      ...['data', 'datacontenttype', 'id', 'source', 'specversion', 'subject', 'time', 'type'],
    ]);
    expect(toCloudEvent({ ...recorded, occurredAt: new Date(-1e15) }, customer)).not.toHaveProperty(
      'time',
    );
  });

  it('has the name in the log as its source where there is no namespace', () => {
    const source = (given: object) => toCloudEvent(recorded, define(given)).source;
    expect(source({})).toBe('/customer');
    expect(source({ storedAs: 'a client' })).toBe('/a%20client');
  });

  it('passes on an event of a type that the definition does not know as it is', () => {
    const unknown = { ...recorded, type: 'lost', data: { n: 1 } } as unknown as RecordedEvent;
    expect(toCloudEvent(unknown, customer)).toMatchObject({
      type: 'customer.lost',
      data: { n: 1 },
    });
  });
});
