import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { startChromium } from './chromium.js';
import { type LoansUnderTest, startLoansUnderTest } from './loans-under-test.js';
import { visit } from './visit.js';

/** For what a page takes its time for. */
export const WITHIN = { timeout: 30_000 };

/** A browser at the dashboard of the loans, for the tests of one block. */
export interface DashboardUnderTest {
  readonly loans: LoansUnderTest;
  readonly context: BrowserContext;
  /** A page at a place; a complaint of its browser fails the test. */
  open(place: string, url?: string): Promise<Page>;
}

/** Starts both before the tests, once there is a parked event to look at. */
export function useDashboard(options: BrowserContextOptions): DashboardUnderTest {
  let [loans, browser, context]: [LoansUnderTest?, Browser?, BrowserContext?] = [];
  beforeAll(async () => {
    const started = await Promise.all([startLoansUnderTest(), startChromium()]);
    [loans, browser] = started;
    context = await browser.newContext(options);
    context.setDefaultTimeout(WITHIN.timeout);
    const { runtime } = loans;
    await eventually(async () => expect(await runtime.parked('letters')).toHaveLength(1));
  });
  afterAll(async () => {
    await browser?.close();
    await loans?.stop();
  });
  return {
    get loans() {
      return loans!;
    },
    get context() {
      return context!;
    },
    async open(place, url = loans!.url) {
      const { page, complaints } = await visit(context!, url, place);
      onTestFinished(async () => {
        await page.close();
        expect(complaints).toEqual([]);
      });
      return page;
    },
  };
}
