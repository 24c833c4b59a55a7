import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer, Ask, Question } from './served.js';

type Json = Readonly<Record<string, unknown>>;

interface Operation {
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
}

/** An OpenAPI document, as far as answers are checked against it. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

/** Checks requests and answers against a document. */
export class Conformance {
  readonly used = new Set<string>();
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(private readonly document: ApiDocument) {
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.ajv);
    this.ajv.addSchema({ ...document, $id: 'api' });
  }

  /** Asks, and throws unless the document has this route, this status and this body. */
  asking(ask: Ask): Ask {
    return async (method, path, question?: Question) => {
      const answer = await ask(method, path, question);
      this.check(method, path, answer);
      return answer;
    };
  }

  /** Errors of a value against a part of the document. */
  errors(pointer: string, value: unknown): string | undefined {
    const validate = this.ajv.getSchema(`api#${pointer}`);
    if (!validate) throw new Error(`the document has no ${pointer}`);
    return validate(value) ? undefined : this.ajv.errorsText(validate.errors);
  }

  private check(method: string, path: string, { status, headers, body, text }: Answer): void {
    const [template, operation] = this.operationFor(method.toLowerCase(), path);
    const response = operation.responses[status];
    const where = `${method} ${path} (${template}): ${status} ${text.slice(0, 300)}`;
    if (!response) throw new Error(`not in the document: ${where}`);
    this.used.add(`${method.toLowerCase()} ${template} ${status}`);
    const content = response.content as Json | undefined;
    if (!content) return;
    const type = (headers['content-type'] ?? '').split(';')[0] as string;
    if (!(type in content))
      throw new Error(`content type ${type} is not in the document: ${where}`);
    if (!type.includes('json')) return;
    const keys = ['paths', template, method.toLowerCase(), 'responses', String(status)];
    const pointer = pointerTo([...keys, 'content', type, 'schema']);
    const errors = this.errors(pointer, body);
    if (errors !== undefined) throw new Error(`${errors}: ${where}`);
  }

  /** The path with the fewest parameters that fits. */
  private operationFor(method: string, path: string): [string, Operation] {
    const [asked = ''] = path.split('?');
    const fitting = Object.entries(this.document.paths)
      .filter(([template, item]) => pattern(template).test(asked) && item[method])
      .sort(([a], [b]) => a.split('{').length - b.split('{').length);
    const [found] = fitting;
    if (!found) throw new Error(`not in the document: ${method} ${path}`);
    return [found[0], found[1][method] as Operation];
  }
}

/** A JSON Pointer, as the fragment of a URI. */
export function pointerTo(keys: readonly string[]): string {
  const escaped = keys.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1'));
  return escaped.map((key) => `/${encodeURIComponent(key)}`).join('');
}

function pattern(template: string): RegExp {
  const parts = template.split(/\{\w+\}/).map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}
