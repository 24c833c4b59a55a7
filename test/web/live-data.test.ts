import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEvent, Subscription } from '../../web/src/data/answers.js';
import { NOTHING_KNOWN, told } from '../../web/src/data/changes.js';
import { MOST_TAILED, withNews } from '../../web/src/data/newest-events.js';
import { SseParser } from '../../web/src/data/sse-parser.js';

describe('a stream of server-sent events', () => {
  const text =
    'retry: 2000\n\n: still here\n\nid: 4\nevent: event\ndata: {"a":\ndata: 1}\n\ndata: x\n\n';
  const events = [
    { event: 'event', data: '{"a":\n1}', id: '4' },
    { event: 'message', data: 'x', id: '4' },
  ];

  it('is read alike wherever its chunks end', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const parser = new SseParser();
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const read = places.slice(1).flatMap((end, i) => parser.push(text.slice(places[i], end)));
        expect(read).toEqual(events);
        expect(parser.retryMs).toBe(2000);
      }),
    );
  });

  it('may end its lines in any way', () => {
    expect(new SseParser().push(text.replaceAll('\n', '\r\n'))).toEqual(events);
  });
});

describe('what a stream of changes tells', () => {
  const one = { name: 'balances', state: 'live', lag: 0 } as Subscription;

  it('is kept by name, until it is gone or reset', () => {
    const known = told(NOTHING_KNOWN, 'subscription', one);
    const later = told(known, 'subscription', { ...one, lag: 7 });
    expect(later.subscriptions.get('balances')?.lag).toBe(7);
    expect(known.subscriptions.get('balances')?.lag).toBe(0);
    const gone = told(later, 'gone', { what: 'subscription', name: 'balances' });
    expect(gone.subscriptions.size).toBe(0);
    expect(told(later, 'reset', { reason: 'slow' })).toEqual(NOTHING_KNOWN);
    expect(told(later, 'never heard of', {})).toBe(later);
  });
});

describe('the end of the log', () => {
  const at = (position: number) => ({ position }) as LogEvent;

  it('has the newest first and none twice', () => {
    const known = withNews([], [at(1), at(2)]);
    expect(withNews(known, [at(2), at(3)]).map(({ position }) => position)).toEqual([3, 2, 1]);
  });

  it('does not grow without bound', () => {
    const many = Array.from({ length: MOST_TAILED + 50 }, (_, i) => at(i + 1));
    const kept = withNews([], many);
    expect(kept).toHaveLength(MOST_TAILED);
    expect(kept[0]?.position).toBe(MOST_TAILED + 50);
  });
});
