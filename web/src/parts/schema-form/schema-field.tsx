import { useId, useState } from 'preact/hooks';
import type { Json } from '../../data/answers.js';
import type { Schema } from '../../data/json-schema.js';
import { SelectField, TextField } from '../fields.js';
import { initialOf, kindOf, type Named, numberIn, resolved, withField } from './schema-value.js';

export interface SchemaFieldProps {
  readonly label: string;
  readonly schema: Schema;
  readonly named: Named;
  readonly value: Json | undefined;
  readonly onChange: (value: Json | undefined) => void;
  readonly isRequired?: boolean;
}

/** A field for whatever a JSON Schema describes; for what it cannot, JSON is typed. */
export function SchemaField(props: SchemaFieldProps) {
  const schema = resolved(props.schema, props.named);
  const { label, value, onChange, isRequired = true } = props;
  const text = isRequired ? label : `${label} (optional)`;
  const hint = hintOf(schema);
  const asText = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  switch (kindOf(schema)) {
    case 'const':
      return null;
    case 'text':
      return (
        <TextField
          {...{ label: text, value: asText, hint }}
          onChange={(typed) => onChange(typed === '' && !isRequired ? undefined : typed)}
        />
      );
    case 'number':
      return <NumberField {...{ label: text, value: asText, hint, onChange }} />;
    case 'choice': {
      const choices = (schema.enum as readonly string[]).map((it) => [it, it] as const);
      const options = isRequired ? choices : [['', 'none'] as const, ...choices];
      return (
        <SelectField
          {...{ label: text, value: asText, options }}
          onChange={(chosen) => onChange(chosen === '' ? undefined : chosen)}
        />
      );
    }
    case 'flag':
      return <FlagField {...{ label: text, value, onChange }} />;
    case 'object':
      return <ObjectField {...props} schema={schema} label={text} />;
    case 'list':
      return <ListField {...props} schema={schema} label={text} />;
    case 'json':
      return <JsonField {...{ label: text, value, onChange }} />;
  }
}

/** What was typed stays as it is until it is a number. */
function NumberField({
  label,
  value,
  hint,
  onChange,
}: {
  label: string;
  value: string;
  hint: string;
  onChange: SchemaFieldProps['onChange'];
}) {
  const [typed, setTyped] = useState(value);
  return (
    <TextField
      {...{ label, hint, type: 'text' }}
      value={numberIn(typed) === numberIn(value) ? typed : value}
      onChange={(text) => {
        setTyped(text);
        onChange(numberIn(text) ?? (text === '' ? undefined : text));
      }}
    />
  );
}

function FlagField({
  label,
  value,
  onChange,
}: Pick<SchemaFieldProps, 'label' | 'value' | 'onChange'>) {
  const id = useId();
  return (
    <div class="field field-check">
      <input
        id={id}
        type="checkbox"
        checked={value === true}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <label for={id}>{label}</label>
    </div>
  );
}

function ObjectField({ label, schema, named, value, onChange }: SchemaFieldProps) {
  const fields =
    value !== null && typeof value === 'object' ? (value as { [name: string]: Json }) : {};
  const entries = Object.entries(schema.properties ?? {});
  return (
    <fieldset class="fieldset">
      <legend>{label}</legend>
      {entries.length === 0 && <p class="note">It takes no data.</p>}
      {entries.map(([name, own]) => (
        <SchemaField
          key={name}
          {...{ label: name, schema: own, named, value: fields[name] }}
          isRequired={schema.required?.includes(name) ?? false}
          onChange={(field) => onChange(withField(value, name, field))}
        />
      ))}
    </fieldset>
  );
}

function ListField({ label, schema, named, value, onChange }: SchemaFieldProps) {
  const items: readonly Json[] = Array.isArray(value) ? value : [];
  const own = schema.items ?? {};
  return (
    <fieldset class="fieldset">
      <legend>{label}</legend>
      {items.map((item, i) => (
        <div key={i} class="list-item">
          <SchemaField
            {...{ label: String(i + 1), schema: own, named, value: item }}
            onChange={(changed) => onChange(items.with(i, changed ?? null))}
          />
          <button type="button" onClick={() => onChange(items.toSpliced(i, 1))}>
            Remove<span class="visually-hidden"> {i + 1}</span>
          </button>
        </div>
      ))}
      <p class="actions">
        <button type="button" onClick={() => onChange([...items, initialOf(own, named) ?? null])}>
          Add
        </button>
      </p>
    </fieldset>
  );
}

/** Handed on whenever it is JSON. */
export function JsonField({
  label,
  value,
  onChange,
}: Pick<SchemaFieldProps, 'label' | 'value' | 'onChange'>) {
  const id = useId();
  const [typed, setTyped] = useState(() =>
    value === undefined ? '' : JSON.stringify(value, null, 2),
  );
  const [error, setError] = useState('');
  const take = (text: string): void => {
    setTyped(text);
    try {
      onChange(text.trim() === '' ? undefined : (JSON.parse(text) as Json));
      setError('');
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  return (
    <div class="field">
      <label for={id}>{label} as JSON</label>
      <textarea
        id={id}
        spellcheck={false}
        value={typed}
        aria-invalid={error !== ''}
        aria-describedby={`${id}-error`}
        onInput={({ currentTarget }) => take(currentTarget.value)}
      />
      <span id={`${id}-error`} class="hint before">
        {error}
      </span>
    </div>
  );
}

function hintOf({ description, minimum, exclusiveMinimum, maximum, format, type }: Schema): string {
  const bounds = [
    minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && `from ${minimum}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && `up to ${maximum}`,
    format,
  ].filter((part) => typeof part === 'string');
  const kind = type === 'integer' ? ['whole number'] : type === 'number' ? ['number'] : [];
  return [...(description === undefined ? kind : [description]), ...bounds].join(', ');
}
