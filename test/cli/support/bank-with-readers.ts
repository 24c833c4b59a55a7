export { balances } from '../../../examples/bank/balances.js';
export { account } from '../../../examples/bank/domain.js';
export { openings } from '../../../examples/bank/openings.js';
