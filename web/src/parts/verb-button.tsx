import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Problem } from '../data/api.js';
import { operator } from '../data/session.js';
import { createStore, useStore } from '../data/store.js';
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

interface Asked {
  readonly verb: Verb;
  readonly onDone: (() => void) | undefined;
}

/** What an operator is about to do. */
const asked = createStore<Asked | undefined>(undefined);

/** Something that an operator may do. */
export function VerbButton({ verb, onDone }: { verb: Verb; onDone?: (() => void) | undefined }) {
  return (
    <button
      type="button"
      class={verb.isDanger ? 'danger' : ''}
      onClick={() => asked.set({ verb, onDone })}
    >
      {verb.text}
    </button>
  );
}

/**
 * Asks who and why, does it, and says what came of it. Apart from the button, which may go, or become another, as soon
 * as it is done.
 */
export function VerbDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const current = useStore(asked);
  // Once its form is there, so that the first field is focused.
  useEffect(() => {
    if (current) dialog.current?.showModal();
    else dialog.current?.close();
  }, [current]);
  // It goes with the page on which it was opened.
  useEffect(() => () => asked.set(undefined), []);
  const closed = (): void => {
    asked.set(undefined);
    current?.onDone?.();
  };
  return (
    <dialog ref={dialog} aria-label={current?.verb.text} onClose={closed}>
      {current && <VerbForm verb={current.verb} close={() => dialog.current?.close()} />}
    </dialog>
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
