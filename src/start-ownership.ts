import { hostname } from 'node:os';
import { SetupError } from './messages/errors.js';
import { uuidv7 } from './messages/ids.js';
import { Ownership, type OwnershipStatus } from './ownership/ownership.js';
import type { StartShards } from './ownership/term.js';
import type { InlineProjections } from './projection/inline-projections.js';
import type { ResolvedRuntime } from './runtime-options.js';
import { describeOwner } from './store/ownership.js';
import type { StoreOpener } from './threads/open-store.js';
import type { PlainNotice } from './threads/protocol.js';
import type { Router } from './threads/router.js';
import { ShardClient } from './threads/shard-client.js';
import type { ShardHost } from './threads/shard-host.js';
import type { Links } from './threads/shard-link.js';

/** What ownership of a log is made of. */
export interface OwnershipParts {
  readonly links: Links;
  readonly shardHost: ShardHost;
  readonly router: Router;
  readonly inline: InlineProjections;
  notice(notice: PlainNotice): void;
}

/** Who owns the log, and with it the shards. */
export function ownershipOf(
  { ownership, leaseMs, shards }: ResolvedRuntime,
  stores: StoreOpener,
  { links, shardHost, router, notice, inline }: OwnershipParts,
): Ownership {
  return new Ownership({
    ...{ leaseMs, router, notice },
    leases: ownership === 'exclusive' ? stores.openLeases?.(leaseMs) : undefined,
    claimant: { runtimeId: uuidv7(), host: hostname(), pid: process.pid },
    startShards: shardStarter(shards, shardHost, inline),
    prepareShards: () => links.prepare?.(shards),
  });
}

function shardStarter(count: number, host: ShardHost, inline: InlineProjections): StartShards {
  return async (lease, disowned) => {
    await inline.prepare();
    const shards = Array.from(
      { length: Math.max(1, count) },
      (_, index) => new ShardClient(index, { ...host, lease, disowned }),
    );
    try {
      // One after the other, so that threads are numbered as their shards are; they come up side by side.
      for (const shard of shards) await shard.start();
      await Promise.all(shards.map((shard) => shard.whenReady));
      return shards;
    } catch (error) {
      await Promise.all(shards.map((shard) => shard.stop(0)));
      throw startFailure(error);
    }
  };
}

/** A shared runtime does not stand by at its start: that two kinds meet on one log is a mistake of the set-up. */
export function refuseToShare({ mode, role, owner }: OwnershipStatus): void {
  if (mode === 'exclusive' || role === 'active') return;
  const message = `${describeOwner(owner)} owns this log exclusively: stop it, or start this runtime with ownership: 'exclusive'`;
  throw new SetupError('NotOwner', message, { owner: owner ?? null });
}

function startFailure(error: unknown): Error {
  if (error instanceof Error) return error;
  const { code, message, details } = error as { code?: string; message?: string; details?: object };
  return new SetupError(code ?? 'ShardNotStarted', message ?? String(error), details ?? {}, error);
}
