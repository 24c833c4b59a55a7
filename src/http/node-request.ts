import type { HttpRequest, Incoming } from './http-request.js';

/** A request as Node hands it over. */
export class NodeRequest implements HttpRequest {
  constructor(readonly incoming: Incoming) {}

  get method(): string {
    return this.incoming.method ?? 'GET';
  }

  get target(): string {
    return this.incoming.url ?? '/';
  }

  get url(): string {
    const scheme = 'encrypted' in this.incoming.socket ? 'https' : 'http';
    return `${scheme}://${this.incoming.headers.host ?? ''}${this.target}`;
  }

  get webBody(): null {
    return null;
  }

  /** One that was sent several times is joined, always: of some, Node would keep the first and hide the rest. */
  header(name: string): string | undefined {
    const { headers, rawHeaders } = this.incoming;
    const lowerName = name.toLowerCase();
    if (!Object.hasOwn(headers, lowerName)) return undefined;
    let value: string | undefined;
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const given = rawHeaders[i] ?? '';
      if (given.length !== lowerName.length || given.toLowerCase() !== lowerName) continue;
      const next = rawHeaders[i + 1] ?? '';
      value = value === undefined ? next : `${value}, ${next}`;
    }
    return value;
  }
}
