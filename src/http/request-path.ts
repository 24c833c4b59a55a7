import { badRequest } from './http-error.js';

/** A pattern of a route, cut at its slashes: `['api', ':aggregate', ':id']`. */
export type Pattern = readonly string[];

/** Cuts a pattern once, when its route is registered. */
export function toPattern(path: string): Pattern {
  return path.slice(1).split('/');
}

/**
 * The parameters of a path, decoded once. They are cut from the raw URL, since an encoded slash belongs to
 * an id, and from its end, since the path may begin with where all this is mounted. Throws 400 for what is
 * not percent-encoded UTF-8.
 */
export function pathParams(url: string, pattern: Pattern): Readonly<Record<string, string>> {
  const segments = rawPath(url).split('/').slice(-pattern.length);
  const params: Record<string, string> = {};
  pattern.forEach((name, i) => {
    if (name.startsWith(':')) params[name.slice(1)] = decoded(segments[i] ?? '');
  });
  return params;
}

/** The path of a URL as it was sent. */
export function rawPath(url: string): string {
  const scheme = url.startsWith('/') ? -1 : url.indexOf('://');
  const start = scheme === -1 ? 0 : url.indexOf('/', scheme + 3);
  if (start === -1) return '/';
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
}

/** The query of a URL. */
export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

/**
 * Where all this is mounted, as the client sees it: what stands before the route in the path that was
 * asked for, before anything in between stripped it.
 */
export function mountedAt(original: string, own: string, pattern: Pattern): string {
  const asked = rawPath(original).split('/');
  const tail = rawPath(own).split('/').slice(-pattern.length);
  const head = asked.slice(0, -pattern.length);
  const isTail = asked.slice(-pattern.length).join('/') === tail.join('/');
  return isTail ? head.join('/') : '';
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(
      'InvalidPath',
      `The path has a segment that is not percent-encoded UTF-8: ${segment}`,
    );
  }
}
