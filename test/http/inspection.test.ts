import { Validator } from '@seriousme/openapi-schema-validator';
import { defineView, only, startRuntime } from 'troupe';
import type { Redactable } from 'troupe/http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { balances } from '../../examples/bank/balances.js';
import { account, transfer } from '../../examples/transfer/domain.js';
import { moneyTransfer } from '../../examples/transfer/money-transfer.js';
import { INSPECTION } from '../../src/http/documents/inspection-operations.js';
import { causationTree } from '../../src/http/inspection/causation-tree.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { type ApiDocument, Conformance } from './support/conforms.js';
import { openBody, serve, serveBank } from './support/served.js';

/** Something to be built anew. */
const owners = defineView({
  ...{ name: 'owners', version: 1, on: [only(account, 'opened')], initial: { owner: '' } },
  key: ({ id }) => id,
  evolve: (_before, { data }) => data,
});

const by = { who: 'Ada', why: 'a test' };

/** A money transfer that is under way, and the accounts of it. */
async function transfers() {
  const store = { kind: 'postgres', url: databaseUrl(), schema: freshSchema() } as const;
  const domain = { account, transfer, moneyTransfer, owners };
  const indexes = { commands: true, correlations: true };
  const runtime = await startRuntime({ domain, store, shards: 0, indexes });
  onTestFinished(() => runtime.stop());
  const accounts = runtime.aggregate(account);
  for (const id of ['mia', 'ben'])
    await accounts.create({ type: 'open', data: { owner: id } }, { id });
  await accounts.send('mia', { type: 'deposit', data: { cents: 1000 } });
  const data = { from: 'mia', to: 'ben', cents: 300 };
  const metadata = { correlationId: 'talk' };
  const begun = await runtime
    .aggregate(transfer)
    .create({ type: 'request', data }, { id: 't', metadata });
  await runtime.saga(moneyTransfer).waitFor('t', ({ step }) => step > 0);
  const names = ['saga-money-transfer', ...(await runtime.subscriptions()).map(({ name }) => name)];
  const { position } = begun;
  for (const name of new Set(names)) await runtime.waitFor(name, position);
  return { runtime, commandId: begun.commandId, ...(await serve(runtime, { verbs: true })) };
}

describe('the inspection', () => {
  it('keeps to its document on every route, in status and body', async () => {
    const { ask: plain, commandId, runtime } = await transfers();
    const { body } = await plain('GET', '/openapi.json');
    const conformance = new Conformance(body as ApiDocument);
    const ask = conformance.asking(plain);
    const ok = async (method: string, path: string, given?: object, status = 200) => {
      const answer = await ask(method, path, given ? { body: given } : {});
      expect(`${path} ${answer.status} ${answer.text.slice(0, 300)}`).toContain(` ${status} `);
      return answer.body;
    };
    const mia = '/inspect/actors/account/mia';
    expect(await ok('GET', '/inspect/shards')).toMatchObject({ items: [{ condition: 'running' }] });
    const first = await ok('GET', '/inspect/actors?limit=1&aggregate=account');
    expect(first).toMatchObject({ items: [{ id: 'ben' }], total: 2, silent: [] });
    const rest = await ok('GET', `/inspect/actors?aggregate=account&after=${first.next}`);
    expect(rest).toMatchObject({ items: [{ id: 'mia' }] });
    await ok('GET', '/inspect/actors?sort=nothing', undefined, 400);
    await ok('GET', '/inspect/actors?aggregate=nothing', undefined, 404);
    expect(await ok('GET', mia)).toMatchObject({ stream: { version: 2 }, timers: [] });
    expect(await ok('GET', `${mia}/state?version=1`)).toMatchObject({ version: 1 });
    await ok('GET', `${mia}/state?version=9`, undefined, 404);
    await ok('GET', '/inspect/actors/account/nobody/state', undefined, 404);
    const { changes } = await ok('GET', `${mia}/diff?from=1&to=2`);
    expect(changes).toMatchObject([{ path: '/balance', before: 0, after: 1000 }]);
    await ok('GET', `${mia}/diff?from=2&to=1`, undefined, 400);
    expect((await ok('GET', `${mia}/events?limit=1`)).items).toMatchObject([{ type: 'opened' }]);
    const deposit = { type: 'deposit', data: { cents: 1 } };
    const run = await ok('POST', `${mia}/dry-run`, deposit);
    expect(run).toMatchObject({ outcome: 'accepted', version: 2, state: { balance: 1001 } });
    await ok('POST', `${mia}/dry-run`, { type: 'deposit', data: {} });
    await ok('POST', `${mia}/dry-run`, { data: {} }, 400);
    for (const verb of ['snapshot', 'reload', 'passivate', 'quarantine'])
      expect(await ok('POST', `${mia}/${verb}`, by)).toHaveProperty('audit');
    const refused = await ask('POST', '/api/account/mia/deposit', { body: { cents: 1 } });
    expect(refused).toMatchObject({ status: 423, body: { code: 'Quarantined' } });
    const { items: held } = await ok('GET', '/inspect/quarantines?aggregate=account');
    expect(held).toMatchObject([{ id: 'mia', ...by }]);
    await ok('POST', `${mia}/release`, by);
    await ok('POST', `${mia}/release`, { who: 'Ada' }, 400);
    const name = 'saga-money-transfer';
    const { items: all } = await ok('GET', '/inspect/subscriptions?parked=false');
    expect(all.map((one: { name: string }) => one.name)).toContain(name);
    const { detail } = await ok('GET', '/inspect/subscriptions/nothing', undefined, 404);
    expect(detail).toContain('"nothing": expected one of ');
    expect(await ok('GET', `/inspect/subscriptions/${name}`)).toMatchObject({ parked: 0 });
    expect(await ok('GET', `/inspect/subscriptions/${name}/parked`)).toEqual({ items: [] });
    const at = `/inspect/subscriptions/${name}`;
    expect(await ok('POST', `${at}/pause`, by)).toEqual({ result: 'done' });
    await ok('POST', `${at}/resume`, by);
    const stream = { aggregate: 'account', id: 'mia', ...by };
    await ok('POST', `${at}/retry`, stream, 409);
    await ok('POST', `${at}/skip`, stream, 409);
    await ok('POST', `${at}/skip`, by, 400);
    await ok('GET', '/inspect/projections?kind=view');
    const rebuild = (one: string) => `/inspect/subscriptions/${one}/rebuild`;
    expect(await ok('POST', rebuild('owners'), by)).toEqual({ result: 'done' });
    expect(await runtime.view(owners).get('mia')).toEqual({ owner: 'mia' });
    await ok('POST', rebuild('%24commands'), by, 409);
    await ok('POST', rebuild('nothing'), by, 404);
    const { items: sagas } = await ok('GET', '/inspect/sagas');
    expect(sagas).toMatchObject([{ name: 'money-transfer', instances: { active: 1 } }]);
    const saga = '/inspect/sagas/money-transfer';
    const { items: instances } = await ok('GET', `${saga}?status=active&sort=startedAt`);
    expect(instances).toMatchObject([{ id: 't', status: 'active' }]);
    await ok('GET', '/inspect/sagas/nothing', undefined, 404);
    expect(await ok('GET', `${saga}/t`)).toMatchObject({ id: 't', status: 'active' });
    await ok('GET', `${saga}/nobody`, undefined, 404);
    const machine = '/inspect/machines/money-transfer';
    expect(await ok('GET', machine)).toMatchObject({
      ...{ version: 1, id: 'money-transfer', root: { kind: 'compound', initial: 'waiting' } },
    });
    await ok('GET', `${machine}?version=7`, undefined, 404);
    const { items: steps } = await ok('GET', `${saga}/t/history`);
    expect(steps).toMatchObject([{ step: 1, became: 'moved' }]);
    await ok('POST', `${saga}/t/send`, { event: { type: 'nothing' }, ...by });
    await ok('POST', `${saga}/t/retry`, by, 409);
    expect(await ok('POST', `${saga}/t/cancel`, { compensate: false, ...by })).toMatchObject({
      status: 'cancelled',
    });
    await ok('GET', '/inspect/timers?limit=5');
    await ok('GET', '/inspect/timers?after=x', undefined, 400);
    const { items } = await ok('GET', '/inspect/events?aggregate=account&type=opened&limit=1');
    expect(items).toMatchObject([{ aggregate: 'account', id: 'mia', version: 1 }]);
    const found = await ok('GET', `/inspect/commands/${commandId}`);
    expect(found).toMatchObject({ kind: 'accepted', events: [{ aggregate: 'transfer', id: 't' }] });
    expect(await ok('GET', '/inspect/commands/nothing')).toMatchObject({ kind: 'notFound' });
    const talk = await ok('GET', '/inspect/correlations/talk');
    expect(talk.items[0]).toMatchObject({ aggregate: 'transfer', metadata: {} });
    const [root, event] = talk.tree;
    expect(root).toEqual({ kind: 'command', key: commandId, depth: 0 });
    expect(event).toMatchObject({ kind: 'event', parent: commandId, depth: 1 });
    expect((await ok('GET', '/inspect/events?correlation=talk&type=requested')).items).toHaveLength(
      talk.items.filter(({ type }: { type: string }) => type === 'requested').length,
    );
    const { items: kept } = await ok('GET', '/inspect/audit');
    expect(kept.map(({ verb }: { verb: string }) => verb)).toEqual([
      ...['cancelSaga', 'retrySaga', 'sendToSaga', 'rebuild', 'rebuild'],
      ...['skipParked', 'retryParked', 'resume', 'pause'],
      ...['release', 'quarantine', 'passivate', 'reload', 'snapshot'],
    ]);
    expect(kept[1]).toMatchObject({ result: 'failed', id: 't', ...by });
    await ok('GET', '/inspect/audit?aggregate=account', undefined, 400);
    expect((await runtime.inspect.audit({ limit: 1 })).entries).toHaveLength(1);
    const used = new Set([...conformance.used].map((one) => one.replace(/ \d+$/, '')));
    const routes = INSPECTION.filter(({ frames }) => !frames).map(({ route }) => {
      const [method = '', path = ''] = route.split(' ');
      return `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
    });
    expect(routes.filter((route) => !used.has(route))).toEqual([]);
  });

  it.each([true, false])('has a valid document (verbs: %s)', async (verbs) => {
    const { ask } = await serveBank({ verbs });
    const { body } = await ask('GET', '/openapi.json');
    const { valid, errors } = await new Validator().validate(body);
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    const documented = Object.entries<object>(body.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    for (const { route, isVerb = false } of INSPECTION)
      expect(documented.includes(route.replaceAll(/:(\w+)/g, '{$1}'))).toBe(verbs || !isVerb);
  });

  it.each([
    ...['/inspect/timers?id=%00', '/inspect/actors/account/%00', '/inspect/actors/account/%ff'],
    ...['/inspect/audit?aggregate=%24x&id=%00', '/inspect/actors?idPrefix=%00&after=W10'],
    ...['/inspect/sagas/%00/%00', '/inspect/subscriptions/%00', '/inspect/correlations/%00'],
    ...['/inspect/commands/%00', '/inspect/events?aggregate=%00', '/inspect/shards?limit=0'],
  ])('never breaks down: %s', async (path) => {
    const { ask } = await serveBank();
    expect([400, 404]).toContain((await ask('GET', path)).status);
  });

  it('refuses what operators do unless it is switched on, and leaves it out of the document', async () => {
    const { ask, troupe } = await serveBank();
    const verbs = INSPECTION.filter(({ isVerb }) => isVerb);
    for (const { route } of verbs) {
      const [method = '', path = ''] = route.split(' ');
      const answer = await ask(method, path.replaceAll(/:\w+/g, 'x'), { body: by });
      expect(answer).toMatchObject({ status: 403, body: { code: 'VerbsOff' } });
    }
    expect((await troupe.runtime.inspect.audit()).entries).toEqual([]);
    const { paths } = (await ask('GET', '/openapi.json')).body;
    expect(Object.keys(paths)).not.toContain('/inspect/actors/{aggregate}/{id}/quarantine');
  });

  it('takes who acts from the authorisation, before header and body', async () => {
    const authorize = () => 'eve';
    const { ask, troupe } = await serveBank({ verbs: true, authorize });
    await ask('POST', '/api/account', { body: openBody });
    const headers = { 'x-operator': 'mallory' };
    await ask('POST', '/inspect/actors/account/a/snapshot', { body: by, headers });
    expect((await troupe.runtime.inspect.audit()).entries).toMatchObject([{ who: 'eve' }]);
    const open = await serveBank({ verbs: true });
    await open.ask('POST', '/api/account', { body: openBody });
    await open.ask('POST', '/inspect/actors/account/a/snapshot', {
      ...{ body: { why: 'a test' }, headers: { 'x-operator': 'mia' } },
    });
    expect((await open.troupe.runtime.inspect.audit()).entries).toMatchObject([{ who: 'mia' }]);
  });

  it('shows only what the hook lets out', async () => {
    const seen = new Set<string>();
    const redact = (_value: unknown, { kind }: Redactable) => {
      seen.add(kind);
      return { hidden: kind };
    };
    const { ask } = await serveBank({ redact }, { domain: [account, balances] as never });
    await ask('POST', '/api/account', { body: { ...openBody, data: { owner: 'secret' } } });
    const at = '/inspect/actors/account/a';
    const answers = [
      await ask('GET', `${at}/state`),
      await ask('GET', `${at}/diff?from=0&to=1`),
      await ask('GET', `${at}/events`),
      await ask('GET', '/inspect/events'),
      await ask('POST', `${at}/dry-run`, { body: { type: 'deposit', data: { cents: 1 } } }),
    ];
    for (const { status, text } of answers) {
      expect(`${status} ${text}`).toMatch(/^200 /);
      expect(text).not.toContain('secret');
    }
    expect(answers[1]?.body.changes).toEqual([]);
    expect([...seen]).toEqual(expect.arrayContaining(['state', 'event', 'metadata']));
  });
});

describe('authorisation', () => {
  const token = 'a-token-of-some-length';

  it.each(INSPECTION.filter(({ frames }) => !frames).map(({ route }) => route))(
    '%s is for who has the token',
    async (route) => {
      const { ask } = await serveBank({ token, verbs: true });
      const [method = '', pattern = ''] = route.split(' ');
      const path = pattern.replaceAll(/:\w+/g, 'x');
      const body = method === 'POST' ? { body: by } : {};
      expect((await ask(method, path, body)).status).toBe(401);
      const wrong = { authorization: 'Bearer another-token-of-that' };
      expect((await ask(method, path, { ...body, headers: wrong })).status).toBe(403);
      const right = { authorization: `Bearer ${token}` };
      const { status } = await ask(method, path, { ...body, headers: right });
      expect([200, 400, 404]).toContain(status);
    },
  );

  it('the hook sees route, action and target', async () => {
    const seen: object[] = [];
    const { ask } = await serveBank({
      verbs: true,
      authorize(_request, action) {
        seen.push(action);
        return 'eve';
      },
    });
    await ask('POST', '/inspect/actors/account/a/quarantine', { body: by });
    await ask('POST', '/inspect/actors/account/a/dry-run', { body: { type: 'deposit' } });
    await ask('POST', '/inspect/subscriptions/s/pause', { body: by });
    const one = { aggregate: 'account', id: 'a' };
    const root = 'POST /inspect/actors/:aggregate/:id';
    expect(seen).toEqual([
      { kind: 'operate', verb: 'quarantine', ...one, route: `${root}/quarantine` },
      { kind: 'dryRun', command: 'deposit', ...one, route: `${root}/dry-run` },
      {
        ...{ kind: 'operate', verb: 'pause', subscription: 's' },
        route: 'POST /inspect/subscriptions/:subscription/pause',
      },
    ]);
  });
});

describe('a tree of causes', () => {
  const event = (eventId: string, commandId: string, causationId?: string) => ({
    ...{ eventId, commandId, causationId },
  });

  it('has each command below what caused it', () => {
    const events = [
      event('e1', 'c1', 'elsewhere'),
      event('e2', 'c2', 'e1'),
      event('e3', 'c3', 'c1'),
    ];
    expect(causationTree(events).map(({ key, depth }) => `${depth}${key}`)).toEqual([
      ...['0c1', '1e1', '2c2', '3e2', '1c3', '2e3'],
    ]);
  });

  it('has those of a ring once, and of a long chain', () => {
    const ring = [event('e1', 'c1', 'e2'), event('e2', 'c2', 'e1')];
    expect(causationTree(ring)).toHaveLength(4);
    const chain = Array.from({ length: 20_000 }, (_, i) => event(`e${i}`, `c${i}`, `e${i - 1}`));
    expect(causationTree(chain).at(-1)).toMatchObject({ key: 'e19999', depth: 39_999 });
  });
});
