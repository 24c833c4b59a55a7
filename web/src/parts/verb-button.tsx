import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Problem } from '../data/api.js';
import { operator } from '../data/session.js';
import { asProblem } from '../data/use-query.js';
import { TextField } from './fields.js';
import { Failed } from './states.js';

export interface Verb {
  /** On the button. */
  readonly text: string;
  /** What it does, in a sentence. */
  readonly what: string;
  /** Where it is posted to. */
  readonly path: string;
  /** Fields of the body beside who and why. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly isDanger?: boolean;
}

interface Done {
  /** Absent where the answer is the thing as it is now. */
  readonly result?: string;
  readonly message?: string;
}

/** Something that an operator may do: asks who and why, does it, and says what came of it. */
export function VerbButton({ verb, onDone }: { verb: Verb; onDone?: (() => void) | undefined }) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Drawn anew each time it opens, so that nothing of the last time stands there.
  const [time, setTime] = useState(0);
  // Once its form is there, so that the first field is focused.
  useEffect(() => {
    if (time > 0) dialog.current?.showModal();
  }, [time]);
  return (
    <>
      <button
        type="button"
        class={verb.isDanger ? 'danger' : ''}
        onClick={() => setTime((n) => n + 1)}
      >
        {verb.text}
      </button>
      <dialog ref={dialog} aria-label={verb.text} onClose={() => onDone?.()}>
        {time > 0 && <VerbForm key={time} verb={verb} close={() => dialog.current?.close()} />}
      </dialog>
    </>
  );
}

function VerbForm({ verb, close }: { verb: Verb; close: () => void }) {
  const [who, setWho] = useState(operator.get());
  const [why, setWhy] = useState('');
  const { isSending, done, problem, send } = useSending(verb);
  if (done) return <Outcome done={done} close={close} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send(who, why);
      }}
    >
      <h2>{verb.text}</h2>
      <p>{verb.what}</p>
      <TextField
        label="Why"
        value={why}
        onChange={setWhy}
        required
        hint="It is kept in the audit."
      />
      <TextField
        label="Who"
        value={who}
        onChange={setWho}
        hint="Where the server knows who you are, that counts."
      />
      {problem && <Failed problem={problem} />}
      <p class="actions">
        <button type="submit" class={verb.isDanger ? 'danger' : 'primary'} disabled={isSending}>
          {isSending ? 'Being done' : verb.text}
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </p>
    </form>
  );
}

interface Sending {
  readonly isSending: boolean;
  readonly done?: Done;
  readonly problem?: Problem;
}

function useSending(verb: Verb) {
  const [state, setState] = useState<Sending>({ isSending: false });
  const send = async (who: string, why: string): Promise<void> => {
    setState({ isSending: true });
    operator.set(who);
    try {
      const body = { ...verb.body, why, ...(who.trim() !== '' && { who }) };
      setState({ isSending: false, done: await ask<Done>(verb.path, { body }) });
    } catch (error) {
      setState({ isSending: false, problem: asProblem(error) });
    }
  };
  return { ...state, send };
}

function Outcome({ done: { result = 'done', message }, close }: { done: Done; close: () => void }) {
  return (
    <div class="stack">
      <p class={`notice notice-${result === 'done' ? 'ok' : 'warn'}`} role="status">
        {result === 'done' ? 'Done' : result}
        {message && `: ${message}`}
      </p>
      <p class="actions">
        <button type="button" class="primary" onClick={close}>
          Close
        </button>
      </p>
    </div>
  );
}
