// The same domain with a consumer of another name: for a second process that is to see all events as well.
import { consumer } from '../../threads/support/feeds.js';

export { tally } from '../../threads/support/tally.js';
export const other = consumer('other');
