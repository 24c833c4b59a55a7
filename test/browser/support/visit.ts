import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';

/** What people look at after a run. */
const pictures = fileURLToPath(new URL('../../../.artifacts/screenshots/', import.meta.url));
mkdirSync(pictures, { recursive: true });

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Violations that keep somebody out. */
const GRAVE = ['serious', 'critical'];

/** A page of the dashboard, and what its browser complained of. */
export interface Visit {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens a place, `#/actors`, in a page of its own, once it has come to rest. */
export async function visit(context: BrowserContext, url: string, place = '#/'): Promise<Visit> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url + place);
  await page.getByRole('main').waitFor();
  return { page, complaints };
}

/** Goes to another place of the dashboard. */
export async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
}

/** Keeps a picture of the whole page. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
}

/** Fails for what would keep somebody out: by axe, its serious and critical rules. */
export async function expectAccessible(
  page: Page,
  where: string,
  rules?: readonly string[],
): Promise<void> {
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  // Injected by the debugger: the policy of the page lets no foreign script in.
  await page.evaluate(await axeSource());
  const { violations } = (await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)})`,
  )) as AxeResults;
  const grave = violations
    .filter(({ impact }) => GRAVE.includes(impact))
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
  expect({ where, grave }).toEqual({ where, grave: [] });
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

let source: Promise<string> | undefined;
function axeSource(): Promise<string> {
  source ??= import('node:fs/promises').then(({ readFile }) => readFile(axe, 'utf8'));
  return source;
}

/** The page as a whole never scrolls sideways: tables do, in a box of their own. */
export async function expectNoSideScroll(page: Page, where: string): Promise<void> {
  const over = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect({ where, over }).toEqual({ where, over: 0 });
}

/** Nothing reaches out of its panel, no row out of its table: what is too long is cut within its column. */
export async function expectWholeRows(page: Page, where: string): Promise<void> {
  const over = () =>
    page.evaluate(
      "[...document.querySelectorAll('.row, .table-head, .panel')].filter((it) => it.scrollWidth > it.clientWidth).length",
    );
  // Columns that do not fit are left out a moment after the page has become narrow.
  await expect.poll(async () => ({ where, over: await over() })).toEqual({ where, over: 0 });
}
