/** Where in the dashboard one is: what stands after the `#` of its address. */
export interface Place {
  /** Decoded segments: `['actors', 'account', 'a/b']`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Parameters of a query; those that are undefined or empty are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** Reads `#/actors/account/a%2Fb?status=busy`. What is not percent-encoded UTF-8 is taken as it is. */
export function placeOf(hash: string): Place {
  const [path = '', ...query] = hash.replace(/^#/, '').split('?');
  return {
    path: path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decoded),
    query: new URLSearchParams(query.join('?')),
  };
}

/** The address of a place. */
export function linkTo(path: readonly string[], query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

/** The parameters of a path that fits a pattern such as `/actors/:aggregate/:id/:tab?`; else undefined. */
export function matched(
  pattern: string,
  path: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const parts = pattern.split('/').filter((part) => part !== '');
  if (path.length > parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const segment = path[i];
    if (segment === undefined) {
      if (!part.endsWith('?')) return undefined;
    } else if (part.startsWith(':')) params[part.replace(/^:|\?$/g, '')] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
