import { render } from 'preact';
import { Shell } from './app/shell.js';
import { keepHistory } from './data/history.js';
import { followChanges } from './data/live.js';

const root = document.querySelector('#app');
if (root) {
  // For as long as the dashboard is open, whatever page is shown.
  followChanges();
  keepHistory();
  render(<Shell />, root);
}
