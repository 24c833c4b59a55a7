// Loan applications alone: what is measured of commands is not measured of who reads them.
export { loanApplication } from '../examples/loans/loan-application.js';
