import { commandFor } from '../command-for.js';
import type { LoanCommand } from '../loan-application.js';
import { stories } from '../sample/stories.js';

/** What happens to the application of this number, in order: the commands of one of the sample's stories. */
export function commandsOf(number: number, id: string): readonly LoanCommand[] {
  const story = stories[number % stories.length] ?? [];
  const loanCase = {
    ...{ path: 'live', id, amount: amountOf(number), events: [] },
    registeredAt: new Date().toISOString(),
  };
  return story.map((step, index) => {
    const [activity = '', lifecycle = 'COMPLETE'] = step.split('|');
    const event = { ...{ index, line: index, activity, lifecycle }, timestamp: 0 };
    return commandFor({ ...event, resource: undefined }, loanCase);
  });
}

/** In euros: from small to more than the credit bureau knows of. */
export function amountOf(number: number): number {
  return 1_000 + ((number * 7_919) % 90) * 500;
}
