import { defineHandler, only } from 'troupe';
import { customerFile } from './customer-file.js';

/** Writes to customers. A file without an address cannot be written to: its stream is parked here. */
export const letters = defineHandler({
  name: 'letters',
  version: 1,
  on: [only(customerFile, 'opened', 'reminded', 'completed')],
  handle({ id, data }) {
    if (data.address === undefined) throw new Error(`customer file ${id} has no address`);
  },
});
