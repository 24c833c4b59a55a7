// Loan applications with one view.
export { loanApplication } from '../examples/loans/loan-application.js';
export { loanOutcomes } from '../examples/loans/views/loan-outcomes.js';
