import type { AggregateClient } from 'troupe';
import type { loanApplication } from '../loan-application.js';

/** What sends commands to loan applications and reads them. */
export type LoanClient = AggregateClient<NonNullable<(typeof loanApplication)['types']>>;
