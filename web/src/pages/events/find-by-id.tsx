import { useState } from 'preact/hooks';
import { goTo } from '../../app/router.js';
import { TextField } from '../../parts/fields.js';
import { Panel } from '../../parts/page.js';

/** By the indexes of the log, where these are kept. */
export function FindById() {
  return (
    <div class="columns">
      <IdForm title="A conversation" label="Correlation id" place="correlations" />
      <IdForm title="A command" label="Command id" place="commands" />
    </div>
  );
}

function IdForm({ title, label, place }: { title: string; label: string; place: string }) {
  const [id, setId] = useState('');
  return (
    <Panel title={title}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (id.trim() !== '') goTo(['events', place, id.trim()]);
        }}
      >
        <TextField label={label} value={id} onChange={setId} required />
        <p class="actions">
          <button type="submit" class="primary">
            Find
          </button>
        </p>
      </form>
    </Panel>
  );
}
