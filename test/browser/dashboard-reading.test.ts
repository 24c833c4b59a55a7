import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commandsOf } from '../../examples/loans/live/stories.js';
import { loanApplication } from '../../examples/loans/loan-application.js';
import { hasChromium, NO_CHROMIUM } from './support/chromium.js';
import { useDashboard, WITHIN } from './support/use-dashboard.js';

const isThere = hasChromium();
const WIDE = { width: 1440, height: 900 };
const POISONED = 'customer-file/live-without-address';

describe.runIf(isThere)('who reads the dashboard', () => {
  const at = useDashboard({ viewport: WIDE });
  const main = (page: Page) => page.getByRole('main');

  it('comes from the overview to what a parked stream waits for, and acts, in two clicks', async () => {
    const page = await at.open('#/');
    await main(page).getByText('has no address').waitFor();
    await main(page).getByRole('link', { name: POISONED }).click();
    await page.getByText('It is parked in letters at opened (version 1)').waitFor();
    // Who holds it up stands first among those who follow it.
    const followers = page.getByRole('table').filter({ hasText: 'Subscription' });
    const [first] = await followers.locator('tbody tr').allInnerTexts();
    expect(first).toMatch(/^letters.*waits at version 1/s);
    await page.getByRole('link', { name: 'Retry or skip it' }).click();
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    await page.getByRole('link', { name: 'opened' }).click();
    await page.getByRole('heading', { name: 'opened (version 1)' }).waitFor();
    await page.locator('a[href^="#/events/commands/"]').first().click();
    await page.getByRole('heading', { name: 'Command' }).waitFor();
  });

  it('comes from a number of parked events to them, and hears if there are none', async () => {
    const page = await at.open('#/');
    await main(page).getByRole('link', { name: '1 event parked' }).click();
    await main(page).getByRole('link', { name: POISONED }).waitFor();
    expect(await page.getByLabel('Subscription').inputValue()).toBe('letters');
    await page.getByLabel('Id', { exact: true }).fill('another');
    await page.getByText('None fits').waitFor();
    await page.goto(`${at.loans.url}#/projections`);
    const letters = page.getByRole('row').filter({ hasText: 'handler' });
    await letters.getByRole('link', { name: '1', exact: true }).click();
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    await main(page).getByRole('link', { name: POISONED }).waitFor();
    expect(await page.getByText('None fits').isVisible()).toBe(false);
  });

  it('is told how fast a slow actor gets on', async () => {
    const page = await at.open('#/actors/credit-bureau/bureau');
    await page.getByText(/Its last \d+ answers came \d.* apart/).waitFor();
  });

  it('finds an actor that is not in memory', async () => {
    const page = await at.open('#/actors?aggregate=customer-file&idPrefix=nobody');
    await page.getByRole('link', { name: 'customer-file/nobody' }).click();
    await page.getByText('it does not exist yet').waitFor();
  });

  it('sees under which page of the navigation a machine is', async () => {
    const page = await at.open('#/machines/intake');
    const marked = page.getByRole('navigation', { name: 'Pages' }).locator('[aria-current]');
    await marked.waitFor();
    expect(await marked.allInnerTexts()).toEqual(['Sagas']);
  });

  it('sees the timers of one saga alone', async () => {
    const page = await at.open('#/timers');
    await page.getByLabel('Aggregate or saga').selectOption({ label: 'intake' });
    const kinds = page
      .getByRole('row')
      .getByRole('cell')
      .filter({ hasText: /^(intake|customer-file)$/ });
    await expect
      .poll(async () => [...new Set(await kinds.allInnerTexts())], WITHIN)
      .toEqual(['intake']);
  });

  it('gets fields to search by that are no wider than what is put into them', async () => {
    const page = await at.open('#/timers');
    const [field, most] = (await page.evaluate(
      "[document.querySelector('.filters select').offsetWidth, 18 * parseFloat(getComputedStyle(document.documentElement).fontSize)]",
    )) as [number, number];
    expect(field).toBeGreaterThan(100);
    expect(field).toBeLessThanOrEqual(most);
  });

  it('reads why a chart is empty until there is a line', async () => {
    const page = await at.context.newPage();
    onTestFinished(() => page.close());
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    await page.route('**/inspect/shards*', async (route) => {
      if (asked++ > 0) await released;
      await route.continue();
    });
    await page.goto(at.loans.url);
    const collecting = page.getByText('Collecting the first samples');
    await collecting.first().waitFor();
    expect(await collecting.count()).toBe(6);
    release();
    await expect.poll(() => collecting.count(), WITHIN).toBe(0);
    await expect.poll(() => page.getByText('No values yet').count(), WITHIN).toBe(0);
  });

  it('gets the whole of what is cut off, and each word of a table in one piece', async () => {
    const page = await at.open('#/events/log');
    await page.setViewportSize({ width: 800, height: 900 });
    const cell = page.getByRole('cell').filter({ hasText: '"registeredAt"' }).first();
    await cell.hover();
    const whole = await cell.textContent();
    await expect.poll(() => cell.getAttribute('title'), WITHIN).toBe(whole);
    await page.getByRole('cell', { name: 'submitted' }).first().hover();
    expect(await page.getByRole('cell', { name: 'submitted' }).first().getAttribute('title')).toBe(
      '',
    );
    await page.goto(`${at.loans.url}#/actors/credit-bureau/bureau`);
    await page.setViewportSize({ width: 320, height: 900 });
    const row = page.getByRole('row').filter({ hasText: 'accepted' }).first();
    await row.waitFor();
    expect((await row.boundingBox())?.height).toBeLessThan(40);
  });

  it('has a list kept fresh beyond its first page, and told of when it is once it is long', async () => {
    const client = at.loans.runtime.aggregate(loanApplication);
    const [submit, next] = commandsOf(0, 'any');
    if (!submit || !next) throw new Error('expected a story of two commands at least');
    const ids = Array.from({ length: 1050 }, (_, i) => `paged-${String(i).padStart(4, '0')}`);
    for (let from = 0; from < ids.length; from += 100)
      await Promise.all(ids.slice(from, from + 100).map((id) => client.send(id, submit)));
    const page = await at.open('#/actors?aggregate=loan-application&idPrefix=paged-');
    const row = (id: string) => page.getByRole('row').filter({ hasText: id });
    const version = async (id: string) => await row(id).getByRole('cell').nth(6).innerText();
    await row('paged-0000').waitFor();
    await scrollTo(page, 'paged-0230');
    await expect.poll(() => version('paged-0230'), WITHIN).toBe('1');
    await client.send('paged-0230', next);
    await expect.poll(() => version('paged-0230'), WITHIN).toBe('2');
    const asOf = main(page).locator('header').getByText('as of');
    expect(await asOf.count()).toBe(0);

    await scrollTo(page, 'paged-1049');
    await asOf.getByText(/\d\d:\d\d:\d\d/).waitFor();
    await page.getByText(/1,050 rows as of \d\d:/).waitFor();
    await client.send('paged-1049', next);
    await page.getByRole('button', { name: 'Look again' }).click();
    await scrollTo(page, 'paged-1049');
    await expect.poll(() => version('paged-1049'), WITHIN).toBe('2');
  });

  it('sees all that is parked, also where it is very much', async () => {
    // As after a release that could handle nothing.
    await at.loans.query(
      (schema) =>
        `INSERT INTO ${schema}.parked (subscription, aggregate, id, version, position, type, attempts)
         SELECT 'letters', 'customer-file', 'flood-' || n, 1, 1000000 + n, 'opened', 4 FROM generate_series(1, 250) n`,
    );
    const page = await at.open('#/dead-letters?aggregate=customer-file');
    const more = page.getByRole('button', { name: 'Show more' });
    const letters = main(page).getByRole('link', { name: /^customer-file\/flood-/ });
    await page.getByText('The first 100 of letters').waitFor();
    await more.click();
    await page.getByText('The first 200 of letters').waitFor();
    await more.click();
    await expect.poll(() => letters.count(), WITHIN).toBe(250);
    expect(await more.count()).toBe(0);
    await at.loans.query((schema) => `DELETE FROM ${schema}.parked WHERE id LIKE 'flood-%'`);
  });

  /** Scrolls down until a row is there. */
  async function scrollTo(page: Page, id: string): Promise<void> {
    const found = page.getByRole('row').filter({ hasText: id });
    await expect
      .poll(async () => {
        if ((await found.count()) > 0) return true;
        await page.mouse.wheel(0, 1000);
        return false;
      }, WITHIN)
      .toBe(true);
  }
});

describe.runIf(!isThere)('who reads the dashboard', () => {
  it.skip(NO_CHROMIUM);
});
