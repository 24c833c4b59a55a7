import { create, defineAggregate } from 'troupe';
import { z } from 'zod';

/** Long enough to be seen armed, short enough to be seen due. */
const ARCHIVED_AFTER_MS = 60_000;
const ARCHIVE = { type: 'archive', data: {} } as const;

const papers = z.array(z.string()).min(1);
/** Where letters go. One file of the live load has none. */
const address = z.string().optional();

/** What is known of a file. */
export interface FileState {
  readonly address?: string | undefined;
  readonly missing: readonly string[];
  readonly reminders: number;
}

/** The papers that a customer of the live load has to bring; archived by a timer of its own. */
export const customerFile = defineAggregate({
  name: 'customer-file',
  prefix: { code: 'FILE', number: 2 },
  timers: true,
  commands: {
    open: create(z.object({ amount: z.int().positive(), papers, address })),
    receive: z.object({ paper: z.string() }),
    remind: z.object({}),
    archive: z.object({}),
  },
  events: {
    opened: z.object({ amount: z.int(), papers, address }),
    received: z.object({ paper: z.string() }),
    completed: z.object({ address }),
    reminded: z.object({ address, missing: z.array(z.string()) }),
    archived: z.object({ missing: z.array(z.string()) }),
  },
  errors: {
    NOT_WANTED: {
      number: 1,
      status: 409,
      details: z.object({ paper: z.string() }),
      message: ({ paper }: { paper: string }) => `nobody asked for the paper ${paper}`,
    },
  },
  initialState: { missing: [], reminders: 0 } as FileState,
  decide: {
    open(_state, data, { event, now, schedule }) {
      schedule({ key: 'archive', at: now.getTime() + ARCHIVED_AFTER_MS, command: ARCHIVE });
      return [event.opened(data)];
    },
    receive({ missing, address }, { paper }, { event, reject }) {
      if (!missing.includes(paper)) return reject('NOT_WANTED', { paper });
      const received = event.received({ paper });
      return missing.length > 1 ? [received] : [received, event.completed({ address })];
    },
    remind: ({ missing, address }, _data, { event }) =>
      missing.length === 0 ? [] : [event.reminded({ address, missing: [...missing] })],
    archive: ({ missing }, _data, { event }) => [event.archived({ missing: [...missing] })],
  },
  evolve: {
    opened: (state, { papers, address }) => ({ ...state, address, missing: papers }),
    received: (state, { paper }) => ({
      ...state,
      missing: state.missing.filter((one) => one !== paper),
    }),
    completed() {},
    reminded: (state) => ({ ...state, reminders: state.reminders + 1 }),
    archived() {},
  },
});
