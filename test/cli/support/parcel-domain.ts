export { parcel } from '../../support/parcel.js';
