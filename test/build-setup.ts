import { buildIfStale } from '../scripts/build.js';

/** The tests of this project run against dist. */
export default function setup() {
  buildIfStale();
}
