import { describe, expect, it, onTestFinished } from 'vitest';
import { hasChromium, NO_CHROMIUM } from './support/chromium.js';
import { useDashboard, WITHIN } from './support/use-dashboard.js';
import {
  expectAccessible,
  expectNoSideScroll,
  expectWholeRows,
  goTo,
  picture,
  visit,
} from './support/visit.js';

const isThere = hasChromium();

/** Every page, with something that is there only once it shows what it is for. */
const PLACES: readonly (readonly [name: string, place: string, shows: string | RegExp])[] = [
  ['overview', '#/', 'Needs a look'],
  ['shards', '#/shards', /slice/i],
  ['actors', '#/actors?aggregate=credit-bureau', /^bureau$/],
  ['actor', '#/actors/credit-bureau/bureau', 'At work'],
  ['actor-state', '#/actors/loan-application/L-1001/state', 'amount'],
  ['actor-events', '#/actors/loan-application/L-1001/events', 'submitted'],
  ['actor-dry-run', '#/actors/loan-application/L-1001/dry-run', 'amount'],
  ['events', '#/events', /scored|opened|submitted/],
  ['sagas', '#/sagas', 'offer-follow-up'],
  ['saga-instances', '#/sagas/intake', 'live-without-address'],
  ['saga-instance', '#/sagas/intake/live-without-address', 'Transitions'],
  ['saga-machine', '#/machines/intake', 'reminding'],
  ['projections', '#/projections', 'loan-outcomes'],
  ['projection', '#/projections/letters', 'live-without-address'],
  ['dead-letters', '#/dead-letters', 'has no address'],
  ['timers', '#/timers', 'archive'],
  ['api', '#/api', /openapi/i],
];
const DESKTOP = { width: 1280, height: 900 };
/** A phone; and the desktop at a zoom of 400 %. */
const NARROW = [375, 320];

describe.runIf(isThere)('the dashboard in a browser', () => {
  const at = useDashboard({ viewport: DESKTOP, colorScheme: 'light' });

  it.each(PLACES)('%s is for everybody, in light and dark, on a phone too', async (...given) => {
    const [name, place, shows] = given;
    const page = await at.open(place);
    await page.getByRole('main').getByText(shows).first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      // Only colours are others in the dark.
      const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined;
      await expectAccessible(page, `${name} ${colorScheme}`, rules);
      await picture(page, `${name}-${colorScheme}`);
    }
    for (const width of NARROW) {
      await page.setViewportSize({ width, height: 800 });
      await expectNoSideScroll(page, `${name} at ${width}`);
      await expectWholeRows(page, `${name} at ${width}`);
    }
    await picture(page, `${name}-narrow`);
  });

  it('leads to why an actor is slow in two clicks', async () => {
    const page = await at.open('#/');
    const found = page.getByRole('main').getByRole('link', { name: 'credit-bureau/bureau' });
    await found.first().click();
    await page.getByRole('heading', { name: 'bureau' }).waitFor();
    await page
      .getByText(/It works through its mailbox|Its decider (is|has been) at score/)
      .waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Events' }).click();
    await page.getByRole('main').getByText('scored').first().waitFor();
  });

  it('has a stream that is parked tried again, with who and why', async () => {
    const page = await at.open('#/');
    await page.getByRole('main').getByRole('link', { name: 'letters' }).click();
    await page.getByText('customer file live-without-address has no address').waitFor();
    await page.getByRole('button', { name: 'Retry' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill('it may have an address now');
    await dialog.getByLabel('Who').fill('ada');
    await picture(page, 'dialog');
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await dialog.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    const { entries } = await at.loans.runtime.inspect.audit({ limit: 1 });
    expect(entries).toMatchObject([
      { verb: 'retryParked', id: 'letters', who: 'ada', why: 'it may have an address now' },
    ]);
    // It has none: it is parked again, after more attempts.
    const attempts = async () => (await at.loans.runtime.parked('letters'))[0]?.attempts;
    await expect.poll(attempts, WITHIN).toBeGreaterThan(4);
  });

  it('holds a projection, and builds it anew', async () => {
    const page = await at.open('#/projections');
    await page.getByRole('link', { name: 'loan-outcomes' }).click();
    for (const [verb, state] of [
      ['Pause', 'paused'],
      ['Resume', 'live'],
      ['Rebuild', 'live'],
    ] as const) {
      await page.getByRole('button', { name: verb, exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Why').fill('a test');
      await dialog.getByLabel('Who').fill('ada');
      await dialog.getByRole('button', { name: verb }).click();
      // What came of it stays, also when the button behind it has become another.
      await dialog
        .getByRole('status')
        .filter({ hasText: /Done|started/ })
        .waitFor();
      if (verb !== 'Rebuild') await page.getByText(state, { exact: true }).first().waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('main').getByText(state, { exact: true }).first().waitFor();
    }
    const { entries } = await at.loans.runtime.inspect.audit({ limit: 3 });
    expect(entries.map(({ verb }) => verb)).toEqual(['rebuild', 'resume', 'pause']);
  });

  it('ends an instance of a saga, and shows where its machine is then', async () => {
    const page = await at.open('#/sagas/intake?status=active');
    const first = page.getByRole('table').getByRole('link').first();
    const id = await first.innerText();
    await first.click();
    await page.locator('.box-active').first().waitFor();
    await page.getByRole('button', { name: 'End', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill('a test');
    await dialog.getByLabel('Who').fill('ada');
    await dialog.getByRole('button', { name: 'End', exact: true }).click();
    await page.locator('.box-active', { hasText: /withdrawn|checked/ }).waitFor();
    // The button is gone; what came of it is still told, until somebody has read it or gone on.
    await dialog
      .getByRole('status')
      .filter({ hasText: /Done|started/ })
      .waitFor();
    await page
      .getByRole('button', { name: 'End', exact: true, includeHidden: true })
      .waitFor({ state: 'detached' });
    expect(await dialog.isVisible()).toBe(true);
    await goTo(page, '#/sagas/intake');
    await dialog.waitFor({ state: 'hidden' });
    await goTo(page, `#/sagas/intake/${id}`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(id);
  });

  it('is used by the keyboard alone', async () => {
    const page = await at.open('#/');
    const focused = () => page.evaluate('document.activeElement.textContent.trim()');
    const press = async (key: string, until: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press(key);
        if ((await focused()) === until) return;
      }
      throw new Error(`${key} never came to ${until}`);
    };
    await press('Tab', 'Skip to the content');
    await press('Tab', 'Dead letters');
    await page.keyboard.press('Enter');
    await page.getByText('has no address').first().waitFor();
    await expect.poll(focused, WITHIN).toBe('Dead letters');
    await press('Tab', 'Skip');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await page.evaluate('document.activeElement.labels[0].textContent')).toBe('Why');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Skip');
    // Whoever tabs through a whole page is never caught in it.
    await press('Tab', 'Skip to the content');
  });

  it('says so when the server is gone, and goes on when it is back', async () => {
    const { page } = await visit(at.context, at.loans.url, '#/actors');
    onTestFinished(() => page.close());
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('main').getByRole('link').first().waitFor(); // its list is there
    await at.loans.goAway();
    await page.getByText('Disconnected').waitFor();
    await page.getByText('Not up to date').waitFor();
    await picture(page, 'disconnected');
    await at.loans.comeBack();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('Not up to date').waitFor({ state: 'hidden' });
  });

  it('works under the path where it is mounted', async () => {
    const page = await at.open('#/sagas/intake', at.loans.mountedUrl);
    await page.getByText('live-without-address').waitFor();
    await goTo(page, '#/dead-letters');
    await page.getByText('has no address').first().waitFor();
  });
});

describe.runIf(!isThere)('the dashboard in a browser', () => {
  it.skip(NO_CHROMIUM);
});
