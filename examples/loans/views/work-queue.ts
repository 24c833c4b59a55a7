import { defineView, only } from 'troupe';
import { loanApplication } from '../loan-application.js';
import type { Work } from '../state.js';

/** A piece of work on an application that is not done. */
export interface WorkItem {
  readonly application: string;
  readonly work: Work | null;
  readonly status: 'scheduled' | 'started';
  /** Who took the last step, if that is known. */
  readonly resource: string | null;
  /** Since when it is scheduled or started. */
  readonly since: string | null;
}

const initial: WorkItem = {
  ...{ application: '', work: null, status: 'scheduled', resource: null, since: null },
};

/** A document per kind of work and application, as long as there is something to do. */
export const workQueue = defineView({
  name: 'work-queue',
  version: 1,
  on: [only(loanApplication, 'workScheduled', 'workStarted', 'workCompleted')],
  key: (event) => `${event.id}/${event.data.work}`,
  initial,
  columns: {
    application: 'text',
    work: 'text',
    status: 'text',
    resource: 'text',
    since: 'timestamptz',
  },
  evolve(doc, event) {
    if (event.type === 'workCompleted') return null;
    // What is scheduled once more while somebody is at it stays in that hand.
    if (event.type === 'workScheduled' && doc.status === 'started') return doc;
    return {
      application: event.id,
      work: event.data.work,
      status: event.type === 'workStarted' ? 'started' : 'scheduled',
      resource: event.data.resource ?? null,
      since: event.occurredAt.toISOString(),
    };
  },
});
