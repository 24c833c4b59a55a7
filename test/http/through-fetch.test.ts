import { askThroughFetch } from './support/served.js';

/*
 * Behind our own listener plain commands are answered without hono. Whatever is tested of them there holds in an
 * app that another server serves, too.
 */
askThroughFetch();
await import('./commands.test.js');
await import('./bodies.test.js');
await import('./problems.test.js');
await import('./authorization.test.js');
