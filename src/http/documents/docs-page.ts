import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { notFound } from '../http-error.js';
import type { Reply } from '../reply.js';
import { plain } from '../routes.js';

/** What of swagger-ui-dist is served, and as what. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** Nothing from elsewhere, no script and no style in the page; images as data are those of the style sheet. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const START = `window.addEventListener('load', () => {
  const { base } = document.querySelector('#api').dataset;
  SwaggerUIBundle({ url: base + '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null });
});
`;

/** The page that shows the OpenAPI document of what is mounted at `base`. */
export function docsPage(base: string, title: string): Reply {
  swaggerFolder();
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="${escaped(base)}/docs/favicon-32x32.png">
<link rel="stylesheet" href="${escaped(base)}/docs/swagger-ui.css">
<script src="${escaped(base)}/docs/swagger-ui-bundle.js" defer></script>
<script src="${escaped(base)}/docs/start.js" defer></script>
</head>
<body><div id="api" data-base="${escaped(base)}"></div></body>
</html>
`;
  return plain(page, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
  });
}

/** A file of the page. Throws 404. */
export async function docsFile(name: string): Promise<Reply> {
  if (name === 'start.js')
    return plain(START, { 'content-type': 'text/javascript; charset=utf-8' });
  const type = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (type === undefined) throw notFound('UnknownRoute', `The page has no file of this name`);
  const bytes = await readFile(join(swaggerFolder(), name));
  return plain(new Uint8Array(bytes), { 'content-type': type });
}

function swaggerFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  } catch {
    throw notFound(
      'PageNotInstalled',
      'This page needs the package swagger-ui-dist: npm install swagger-ui-dist',
    );
  }
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}
