import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.js';

/** A signal between a test and a decider in another thread: two files. */
export interface Flag {
  /** Given to the command. */
  readonly path: string;
  /** Resolves when the decider was entered. */
  reached(): Promise<void>;
  /** Resolves when the decider has come to its end. */
  left(): Promise<void>;
  /** Forgets that the decider was entered, so that `reached` waits for the next time. */
  forget(): void;
  /** Lets the decider go on. */
  raise(): void;
}

export function flag(): Flag {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-flag-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'flag');
  const until = (file: string) => eventually(() => expect(existsSync(file)).toBe(true));
  return {
    path,
    reached: () => until(`${path}.reached`),
    left: () => until(`${path}.left`),
    forget: () => rmSync(`${path}.reached`),
    raise: () => writeFileSync(path, ''),
  };
}
