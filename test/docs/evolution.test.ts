import { readFileSync } from 'node:fs';
import { type Aggregate, type CloudEvent, MemoryLog, type Runtime } from 'troupe';
import { testRuntime } from 'troupe/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collect } from '../support/collect.js';
import * as after from './evolution/after.js';
import * as before from './evolution/before.js';
import { fileText, looseBlocksOf, snippetsOf, unindented } from './snippets.js';

const guide = readFileSync('docs/evolution.md', 'utf8');
const noon = '2024-02-29T12:00:00.000Z';

describe('docs/evolution.md', () => {
  it.each(snippetsOf(guide))('shows what is written in $file', ({ file, code }) => {
    expect(fileText(file)).toContain(unindented(code));
  });

  it('shows no code that is not in a file', () => {
    expect(snippetsOf(guide)).toHaveLength(16);
    expect(looseBlocksOf(guide)).toEqual([]);
  });
});

describe('what docs/evolution.md changes', () => {
  it('a new version: an old event goes through all steps', async () => {
    const runtime = await released(before.account, { name: 'mia' });
    const state = await runtime.aggregate(after.account).state('x');
    expect(state?.state).toEqual({ owner: 'mia', currency: 'EUR' });
  });

  it('another shape in memory than in the log: what was stored before is decoded as well', async () => {
    const runtime = await released(before.invoice, { cents: 5, at: noon });
    expect(await collect(runtime.aggregate(after.invoice).events('x'))).toMatchObject([
      { data: { cents: 5n, at: new Date(noon) } },
    ]);
    const state = await runtime.aggregate(after.invoice).state('x');
    expect(state?.state).toEqual({ paid: '5', in: 2024 });
  });

  it('a renamed event is read by its new name', async () => {
    const runtime = await released(before.shop, { owner: 'mia' });
    const events = await collect(runtime.aggregate(after.shop).events('x'));
    expect(events.map(({ type }) => type)).toEqual(['opened']);
  });

  it('an event that is dropped counts as a version, and is not there', async () => {
    const runtime = await released(before.page, { owner: 'mia' });
    const pages = runtime.aggregate(after.page);
    expect(await pages.state('x')).toMatchObject({ version: 2, state: { owner: 'mia' } });
    expect(await collect(pages.events('x'))).toHaveLength(1);
  });

  it('an event that is split reads as two', async () => {
    const runtime = await released(before.person, { street: 'Main', phone: '7' });
    const events = await collect(runtime.aggregate(after.person).events('x'));
    expect(events.map(({ type, eventId }) => [type, eventId])).toEqual([
      ['addressChanged', 'person/x@1'],
      ['phoneChanged', 'person/x@1.1'],
    ]);
  });

  it('a renamed aggregate goes on with its streams', async () => {
    const runtime = await released(before.client, { name: 'mia' });
    expect(await runtime.aggregate(after.customer).state('x')).toMatchObject({
      state: { name: 'mia' },
    });
  });

  it('another state is rebuilt from the log, past a snapshot of the old one', async () => {
    const runtime = await released(before.purse, { cents: 5 });
    expect(await runtime.aggregate(after.purse).state('x')).toMatchObject({
      state: { balance: 5, deposits: 1 },
    });
  });

  it('CloudEvents: the namespace is the source', async () => {
    const runtime = await released(before.account, { name: 'mia' });
    const published: CloudEvent[] = [];
    await after.publishAll(runtime, 'x', (event) => void published.push(event));
    expect(published).toMatchObject([
      { source: 'https://example.org/bank', type: 'account.opened', data: { currency: 'EUR' } },
    ]);
  });
});

/** Today's release on a log in which the first one has stored one command. */
async function released(definition: Aggregate, data: object): Promise<Runtime> {
  const log = new MemoryLog();
  const first = await testRuntime({ domain: before, log });
  await first.aggregate(definition).send('x', { type: 'change', data });
  await first.stop();
  const second = await testRuntime({ domain: after, log });
  onTestFinished(() => second.stop());
  return second.runtime;
}
