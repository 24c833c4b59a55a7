import { useState } from 'preact/hooks';
import { unlock } from '../data/session.js';
import { TextField } from '../parts/fields.js';

/** Asks for the token that the server wants. It is kept until the tab is closed. */
export function TokenGate() {
  const [given, setGiven] = useState('');
  return (
    <form
      class="gate panel"
      onSubmit={(event) => {
        event.preventDefault();
        if (given.trim() !== '') unlock(given.trim());
      }}
    >
      <h1 tabIndex={-1}>This server asks who you are</h1>
      <TextField
        label="Bearer token"
        type="password"
        value={given}
        onChange={setGiven}
        autoComplete="off"
        required
        hint="Sent as Authorization header with each request. This tab keeps it until it is closed."
      />
      <button type="submit" class="primary">
        Unlock
      </button>
    </form>
  );
}
