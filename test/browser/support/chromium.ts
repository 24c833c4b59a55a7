import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const program = process.env.TROUPE_TEST_CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Set where a missing Chromium is a failure: it was installed, or should have been. */
const mustBeThere = process.env.TROUPE_TEST_CHROMIUM === 'required';

/** Why tests with it are skipped. */
export const NO_CHROMIUM = `is not tested: there is no ${program} (apt-get install chromium, or TROUPE_TEST_CHROMIUM_PATH)`;

/** Is there a browser? Throws where there must be one. */
export function hasChromium(): boolean {
  if (existsSync(program)) return true;
  if (mustBeThere) throw new Error(`TROUPE_TEST_CHROMIUM is "required", and ${NO_CHROMIUM}`);
  return false;
}

/** Starts it, without anything that would ask the network. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
      // The shared memory of a container may be small.
      '--disable-dev-shm-usage',
    ],
  });
}
