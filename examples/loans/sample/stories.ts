/** What happens to one application: `activity` or, for work, `activity|lifecycle`, in order. */
export type Story = readonly string[];

const lead = 'W_Afhandelen leads';
const completion = 'W_Completeren aanvraag';
const followUp = 'W_Nabellen offertes';
const documents = 'W_Nabellen incomplete dossiers';
const validation = 'W_Valideren aanvraag';
const fraud = 'W_Beoordelen fraude';
const contract = 'W_Wijzigen contractgegevens';

const schedule = (work: string) => `${work}|SCHEDULE`;
const close = (work: string) => `${work}|COMPLETE`;
const session = (work: string, ...during: readonly string[]): Story => [
  `${work}|START`,
  ...during,
  `${work}|COMPLETE`,
];

const submitted: Story = ['A_SUBMITTED', 'A_PARTLYSUBMITTED'];
const preaccepted: Story = [...submitted, 'A_PREACCEPTED', schedule(completion)];
const fromLead: Story = [
  ...submitted,
  schedule(lead),
  ...session(lead),
  ...session(lead, 'A_PREACCEPTED', schedule(completion)),
];

const offer: Story = ['O_SELECTED', 'O_CREATED', 'O_SENT', schedule(followUp)];
const offered: Story = [
  ...preaccepted,
  ...session(completion),
  ...session(completion, 'A_ACCEPTED', 'A_FINALIZED', ...offer),
];
const offeredEarly: Story = [
  ...fromLead,
  ...session(completion, 'A_ACCEPTED', 'O_SELECTED', 'A_FINALIZED', ...offer.slice(1)),
];
const replacedWhileOut = ['O_SELECTED', 'O_CANCELLED', 'O_CREATED', 'O_SENT', schedule(followUp)];
const replacedAfterwards = ['O_CANCELLED', ...offer];
const returned = session(followUp, 'O_SENT_BACK', schedule(validation));
const granted: Story = ['O_ACCEPTED', 'A_APPROVED', 'A_REGISTERED', 'A_ACTIVATED'];
const grantedFirst: Story = ['A_REGISTERED', 'A_ACTIVATED', 'O_ACCEPTED', 'A_APPROVED'];

/** Every outcome and every kind of work, with the oddities that the rules allow. */
export const stories: readonly Story[] = [
  // Declined
  [...submitted, 'A_DECLINED'],
  [...submitted, schedule(lead), ...session(lead, 'A_DECLINED')],
  [...submitted, schedule(fraud), ...session(fraud), ...session(fraud, 'A_DECLINED')],
  [...preaccepted, ...session(completion), ...session(completion, 'A_DECLINED')],
  [...preaccepted, ...session(completion, 'A_ACCEPTED'), ...session(completion, 'A_DECLINED')],
  [...offered, ...returned, ...session(validation, 'O_DECLINED', 'A_DECLINED')],
  [...offeredEarly, ...returned, ...session(validation, 'A_DECLINED', 'O_DECLINED')],
  // Cancelled
  [...submitted, 'A_CANCELLED'],
  [...preaccepted, ...session(completion), close(completion), 'A_CANCELLED'],
  [...fromLead, ...session(completion, 'A_CANCELLED')],
  [...offered, ...session(followUp), 'O_CANCELLED', 'A_CANCELLED', close(followUp)],
  [...offered, ...session(followUp, 'A_CANCELLED', 'O_CANCELLED')],
  [
    ...offeredEarly,
    ...session(followUp, ...replacedAfterwards),
    'A_CANCELLED',
    'O_CANCELLED',
    ...session(followUp),
  ],
  // Granted
  [...offered, ...returned, ...session(validation, ...granted)],
  [
    ...offeredEarly,
    ...session(followUp),
    ...returned,
    ...session(validation),
    ...session(validation, ...granted),
  ],
  [
    ...offered,
    ...session(followUp, ...replacedWhileOut),
    ...returned,
    ...session(validation, ...grantedFirst),
  ],
  [
    ...offered,
    ...session(followUp, ...replacedAfterwards),
    ...session(followUp, ...replacedWhileOut),
    ...returned,
    ...session(validation, ...granted),
  ],
  [
    ...offered,
    ...returned,
    ...session(validation, schedule(documents)),
    ...session(documents),
    ...session(documents, schedule(validation)),
    ...session(validation, ...granted),
  ],
  [
    ...offeredEarly,
    ...returned,
    ...session(validation, schedule(documents)),
    ...session(documents, ...grantedFirst),
    schedule(contract),
  ],
  [
    ...offered,
    ...returned,
    ...session(validation, schedule(fraud)),
    ...session(fraud, schedule(validation)),
    ...session(validation, ...granted),
  ],
  // Still under way when the log ends
  [...preaccepted, ...session(completion)],
  [...offered, `${followUp}|START`, ...session(followUp)],
  [...offeredEarly, ...returned],
];

/** The same stories with more work on each of them at the end, so that they have so many events in all. */
export function padded(told: readonly Story[], events: number): readonly Story[] {
  const missing = events - told.reduce((sum, story) => sum + story.length, 0);
  const more = [schedule(contract), ...session(contract)];
  return told.map((story, i) => {
    const share =
      Math.floor((missing * (i + 1)) / told.length) - Math.floor((missing * i) / told.length);
    return [...story, ...Array.from({ length: share }, (_, k) => more[k % more.length] as string)];
  });
}
