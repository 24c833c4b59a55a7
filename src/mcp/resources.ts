import type { Resource, ResourceTemplateType } from '@modelcontextprotocol/server';
import { ofEvents } from '../http/documents/parameters.js';
import { findParameters } from '../http/documents/view-parameters.js';
import type { Question } from '../http/mcp-mount.js';
import type { Allowed } from './allowed.js';

/** The URI of a resource is the path of its route: `troupe:///api/account/mia`. */
const ROOT = 'troupe:///api/';
const mimeType = 'application/json';

/** What can be read by URI. */
export interface Resources {
  readonly listed: readonly Resource[];
  readonly templates: readonly ResourceTemplateType[];
  /** Undefined for a URI that is not on the list. */
  toQuestion(uri: string): Question | undefined;
}

/** States and events of the aggregates that are allowed, documents of the views. */
export function resourcesOf({ views, streams }: Allowed): Resources {
  return {
    listed: views.map(({ name }) => ({
      ...{ uri: uriOf('views', name), name: `view ${name}`, mimeType },
      description: `Documents of the view ${name}, the first page`,
    })),
    templates: [
      ...views.flatMap((view) => [
        {
          ...{ name: `find in ${view.name}`, mimeType, description: `Documents of ${view.name}` },
          uriTemplate: uriOf('views', view.name) + queryOf(findParameters(view)),
        },
        {
          ...{ name: `document of ${view.name}`, mimeType, description: 'By its key' },
          uriTemplate: `${uriOf('views', view.name)}/{key}`,
        },
      ]),
      ...streams.flatMap(({ name }) => [
        {
          ...{ name: `state of ${name}`, mimeType, description: `Committed state of one ${name}` },
          uriTemplate: `${uriOf(name)}/{id}`,
        },
        {
          ...{ name: `events of ${name}`, mimeType, description: `What happened to one ${name}` },
          uriTemplate: `${uriOf(name)}/{id}/events${queryOf(ofEvents([]))}`,
        },
      ]),
    ],
    toQuestion(uri) {
      const asked = parse(uri);
      if (!asked || !isAllowed(asked.path, { views, streams })) return undefined;
      return { method: 'GET', ...asked, path: ['api', ...asked.path] };
    },
  };
}

function uriOf(...path: readonly string[]): string {
  return ROOT + path.map(encodeURIComponent).join('/');
}

function queryOf(parameters: readonly { readonly name: string }[]): string {
  return `{?${parameters.map(({ name }) => name).join(',')}}`;
}

/** Nothing is resolved in it: `..` is a name here, and none that is on the list. */
function parse(uri: string): Required<Pick<Question, 'path' | 'query'>> | undefined {
  if (!uri.startsWith(ROOT)) return undefined;
  const [path = '', ...search] = uri.slice(ROOT.length).split('?');
  try {
    const query = [...new URLSearchParams(search.join('?'))];
    return { path: path.split('/').map(decodeURIComponent), query };
  } catch {
    return undefined;
  }
}

function isAllowed(
  [first, second, third, ...others]: readonly string[],
  { views, streams }: Pick<Allowed, 'views' | 'streams'>,
): boolean {
  if (others.length > 0) return false;
  if (first === 'views') return views.some(({ name }) => name === second);
  const isStream = streams.some(({ name }) => name === first);
  return isStream && second !== undefined && (third === undefined || third === 'events');
}
