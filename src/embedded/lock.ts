import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError, systemCode } from './error.js';
import { isAlive, ownIdentity } from './process-identity.js';
import { waitUntil } from './wait-until.js';

// A lock between processes that a killed holder cannot keep. Taking over a stale lock *file* is a race
// (two see it stale, the second removes the lock of the first), so a turn is never taken over: it is
// followed by the next one, and creating a file is what only one process can win.
//
//   lock/41        turn 41; its text is the identity of its owner
//   lock/41.done   turn 41 is over
//
// The lock is held if the highest turn is not done and its owner is alive.

/** A lock in hand. `release` never throws. */
export interface HeldLock {
  release(): void;
}

const acquireDeadlineMs = 120_000;
/** A turn without a name: its owner is between creating and writing, or was killed there. */
const namelessTurnMs = 2_000;
/** Old turns are kept, lest a slow process creates one of them again and believes it is the highest. */
const turnsKept = 16;

/**
 * Runs `action` while no other process, and nobody else in this one, holds the lock of `folder`.
 * Throws `EmbeddedFolderBusy` when it cannot be had within two minutes.
 */
export async function withLock<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const lock = await acquire(folder);
  try {
    return await action();
  } finally {
    lock.release();
  }
}

/** Takes the lock if it is free at this moment. */
export function tryLock(folder: string): HeldLock | undefined {
  mkdirSync(folder, { recursive: true });
  const latest = latestTurn(folder);
  if (holderOfTurn(folder, latest) !== undefined) return undefined;
  const turn = latest + 1;
  if (!claim(folder, turn)) return undefined;
  if (latestTurn(folder) !== turn) {
    rmSync(join(folder, String(turn)), { force: true });
    return undefined;
  }
  removeOldTurns(folder, turn);
  return { release: () => finish(folder, turn) };
}

/** The living process that holds the lock, if any; an empty text while its name is being written. */
export function lockHolder(folder: string): string | undefined {
  return holderOfTurn(folder, latestTurn(folder));
}

async function acquire(folder: string): Promise<HeldLock> {
  let lock: HeldLock | undefined;
  const attempt = () => {
    lock = tryLock(folder);
    return lock !== undefined;
  };
  await waitUntil(attempt, acquireDeadlineMs);
  if (lock) return lock;
  const holder = lockHolder(folder);
  const message = `Process ${holder} has been starting or stopping the server of ${folder} for two minutes; end it, or wait for it.`;
  throw new EmbeddedPostgresError('EmbeddedFolderBusy', message, { folder, holder });
}

function turnsIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function latestTurn(folder: string): number {
  return Math.max(0, ...turnsIn(folder));
}

function holderOfTurn(folder: string, turn: number): string | undefined {
  const file = join(folder, String(turn));
  try {
    if (turn === 0 || statSync(`${file}.done`, { throwIfNoEntry: false })) return undefined;
    const owner = readFileSync(file, 'utf8');
    if (owner !== '') return isAlive(owner) ? owner : undefined;
    return Date.now() - statSync(file).mtimeMs < namelessTurnMs ? owner : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function claim(folder: string, turn: number): boolean {
  try {
    writeFileSync(join(folder, String(turn)), ownIdentity(), { flag: 'wx' });
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

function finish(folder: string, turn: number): void {
  try {
    writeFileSync(join(folder, `${turn}.done`), '');
  } catch {
    // The folder was deleted, and the lock with it.
  }
}

function removeOldTurns(folder: string, turn: number): void {
  for (const old of turnsIn(folder)) {
    if (old > turn - turnsKept) continue;
    rmSync(join(folder, String(old)), { force: true });
    rmSync(join(folder, `${old}.done`), { force: true });
  }
}
