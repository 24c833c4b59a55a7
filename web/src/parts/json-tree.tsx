import { useState } from 'preact/hooks';
import type { Json } from '../data/answers.js';
import { counted } from '../format/words.js';

/** Entries that are drawn at once; the others on demand. */
const STEP = 100;
const LONG_TEXT = 300;

/** JSON as a tree that opens and closes; only what is open is drawn. */
export function JsonTree({ value, depth = 2 }: { value: Json | undefined; depth?: number }) {
  return (
    <div class="json">
      <Node value={value ?? null} open={depth} />
    </div>
  );
}

interface NodeProps {
  readonly value: Json;
  readonly name?: string;
  /** Levels below that are open at first. */
  readonly open: number;
}

function Node({ value, name, open }: NodeProps) {
  if (value !== null && typeof value === 'object')
    return <Branch value={value} name={name} open={open} />;
  return (
    <div class="json-line">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Branch({
  value,
  name,
  open,
}: {
  value: Exclude<Json, null | boolean | number | string>;
  name: string | undefined;
  open: number;
}) {
  const [isOpen, setOpen] = useState(open > 0);
  const [shown, setShown] = useState(STEP);
  const isList = Array.isArray(value);
  const entries = Object.entries(value) as [string, Json][];
  const size = counted(entries.length, isList ? 'item' : 'field');
  if (entries.length === 0)
    return (
      <div class="json-line">
        <Name name={name} />
        <span class="json-mark">{isList ? '[ ]' : '{ }'}</span>
      </div>
    );
  return (
    <div class="json-branch">
      <button
        type="button"
        class="json-toggle"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Name name={name} />
        <span class="json-mark">{isList ? '[' : '{'}</span>
        {!isOpen && <span class="json-size"> {size} </span>}
        {!isOpen && <span class="json-mark">{isList ? ']' : '}'}</span>}
      </button>
      {isOpen && (
        <div class="json-below">
          {entries.slice(0, shown).map(([key, below]) => (
            <Node key={key} name={key} value={below} open={open - 1} />
          ))}
          {entries.length > shown && (
            <button type="button" class="link" onClick={() => setShown(shown + STEP)}>
              {entries.length - shown} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Name({ name }: { name: string | undefined }) {
  return name === undefined ? null : (
    <>
      <span class="json-name">{name}</span>
      <span class="json-mark">: </span>
    </>
  );
}

function Leaf({ value }: { value: null | boolean | number | string }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== 'string')
    return <span class={`json-${value === null ? 'null' : typeof value}`}>{String(value)}</span>;
  const isCut = value.length > LONG_TEXT && !isWhole;
  return (
    <span class="json-string">
      {JSON.stringify(isCut ? value.slice(0, LONG_TEXT) : value)}
      {isCut && (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          … {counted(value.length - LONG_TEXT, 'character')} more
        </button>
      )}
    </span>
  );
}
