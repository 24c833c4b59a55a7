import type { Receipt } from 'troupe';
import { expect } from 'vitest';
import { account } from '../../support/account.js';
import type { LoggedEvent } from '../../support/use-shards.js';
import type { Done, Scene } from './anything.js';

/** What must hold after any run, whatever the faults. */
export async function expectConsistent(scene: Scene, done: readonly Done[]): Promise<void> {
  for (const one of scene.both) {
    expect(one.unanswered).toBe(0);
    expect(
      one.notices.filter((notice) => notice.kind === 'error' && !/injected/.test(notice.message)),
    ).toEqual([]);
  }
  for (const id of scene.ids) {
    const log = await scene.shards.log(id);
    const own = done.filter((it) => it.id === id);
    expect(log.map((event) => event.version)).toEqual(log.map((_, i) => i + 1));
    expectTrueAnswers(log, own);
    expectOncePerKey(log, own);
    const balances = expectEarnedWithdrawals(log);
    expectTrueRejections(balances, own);
    for (const one of scene.both) {
      clearFaults(one.store);
      const state = await one.client(account).state(id);
      expect(state?.version ?? 0).toBe(log.length);
      if (state) expect(state.state.balance).toBe(balances.at(-1));
    }
  }
}

/** Accepted: its events and no others are in the log. Anything else: nothing of it is. */
function expectTrueAnswers(log: readonly LoggedEvent[], own: readonly Done[]): void {
  for (const { result, commandId, call } of own) {
    if (call.type === 'state') continue;
    const stored = log.filter((event) => event.commandId === commandId);
    if (result.status === 'rejected') {
      expect([stored, result.reason.code]).toEqual([[], result.reason.code]);
      continue;
    }
    const { events, deduplicated } = result.value as Receipt;
    const said = events.map(({ version, type, data }) => ({ version, type, data }));
    const there = log
      .filter((event) => events.some((it) => it.version === event.version))
      .map(({ version, type, data }) => ({ version, type, data }));
    expect(there).toEqual(said);
    if (!deduplicated)
      expect(stored.map((event) => event.version)).toEqual(said.map((event) => event.version));
  }
}

/** All calls with one key had one effect, and all that were accepted tell of the same. */
function expectOncePerKey(log: readonly LoggedEvent[], own: readonly Done[]): void {
  const keys = new Set(own.flatMap(({ key }) => (key === undefined ? [] : [key])));
  for (const key of keys) {
    const same = own.filter((it) => it.key === key);
    const ids = new Set(same.map((it) => it.commandId));
    const effects = new Set(
      log.filter((event) => ids.has(event.commandId)).map((event) => event.commandId),
    );
    expect(effects.size).toBeLessThanOrEqual(1);
    const outcomes = same.flatMap(({ result }) => {
      if (result.status === 'fulfilled') return [JSON.stringify((result.value as Receipt).events)];
      return result.reason.outcome === 'rejected' ? [JSON.stringify(result.reason.details)] : [];
    });
    expect(new Set(outcomes).size).toBeLessThanOrEqual(1);
  }
}

/** No withdrawal was decided on money that was not there. Returns the balance at each version. */
function expectEarnedWithdrawals(log: readonly LoggedEvent[]): number[] {
  const balances = [0];
  for (const { type, data } of log) {
    const before = balances.at(-1) as number;
    const { cents = 0 } = data as { cents?: number };
    if (type === 'withdrawn') expect(before).toBeGreaterThanOrEqual(cents);
    balances.push(before + (type === 'withdrawn' ? -cents : cents));
  }
  return balances;
}

/** A rejection tells a balance that the account once had. */
function expectTrueRejections(balances: readonly number[], own: readonly Done[]): void {
  for (const { result, call } of own) {
    if (result.status !== 'rejected' || result.reason.shortCode !== 'OVERDRAWN') continue;
    expect(balances).toContain(result.reason.details.balance);
    expect(result.reason.details.balance).toBeLessThan(call.cents);
  }
}

function clearFaults(store: Scene['both'][number]['store']): void {
  for (const operation of [
    'append',
    'load',
    'heads',
    'findOutcomes',
    'readRanges',
    'fence',
    'saveSnapshots',
  ] as const)
    store.always(operation);
}
