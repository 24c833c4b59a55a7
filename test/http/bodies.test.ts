import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openBody, serveBank } from './support/served.js';

const MEBIBYTE = 1024 * 1024;
const path = '/api/account/a/deposit';

/** JSON of exactly so many bytes. */
const sized = (bytes: number) => `{"cents":1,"pad":"${'x'.repeat(bytes - 20)}"}`;

async function withAccount() {
  const served = await serveBank();
  await served.ask('POST', '/api/account', { body: openBody });
  return served;
}

describe('a body', () => {
  it('of 1 MiB is read, one of a byte more is answered 413, whether its length is told or not', async () => {
    const { ask } = await withAccount();
    expect(sized(MEBIBYTE)).toHaveLength(MEBIBYTE);
    expect((await ask('POST', path, { body: sized(MEBIBYTE) })).status).toBe(200);
    const large = sized(MEBIBYTE + 1);
    const told = await ask('POST', path, { body: large });
    const untold = await ask('POST', path, { chunks: [large.slice(0, 1000), large.slice(1000)] });
    for (const answer of [told, untold])
      expect(answer).toMatchObject({ status: 413, body: { code: 'BodyTooLarge' } });
    expect((await ask('POST', path, { chunks: ['{"cents"', ':1}'] })).status).toBe(200);
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/jsonx', 415],
    ['application/json; charset=utf-8', 200],
    ['application/vnd.bank+json', 200],
  ])('has to be called JSON: %s is answered %i', async (type, status) => {
    const { ask } = await withAccount();
    const headers = { 'content-type': type };
    expect((await ask('POST', path, { body: { cents: 1 }, headers })).status).toBe(status);
  });

  it.each<[string | Buffer, string]>([
    ['', 'no JSON at all'],
    ['{', 'half of one'],
    ['{"cents":1}x', 'one and more'],
    [Buffer.from([0x22, 0xff, 0x22]), 'not UTF-8'],
  ])('has to be JSON: %j is answered 400', async (body) => {
    const { ask } = await withAccount();
    const answer = await ask('POST', path, { body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidBody' } });
  });

  it.each([
    ['nested too deep', `{"cents":1,"deep":${'['.repeat(100)}${']'.repeat(100)}}`],
    ['with a key __proto__', '{"cents":1,"__proto__":{"cents":2}}'],
    ['with a lone surrogate', '{"cents":1,"text":"\\ud800"}'],
  ])('%s is answered 422, saying where', async (_, body) => {
    const { ask } = await withAccount();
    const answer = await ask('POST', path, { body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'InvalidCommand' } });
    expect(answer.body.errors[0].pointer).toMatch(/^\/(deep\/0|__proto__|text)/);
  });

  it('nested a hundred thousand levels deep neither ends nor holds the process', async () => {
    const { ask } = await withAccount();
    const levels = 100_000;
    const body = `{"cents":1,"deep":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect((await ask('POST', path, { body })).status).toBe(422);
  });

  it('that never comes to its end is none: who sent it is gone', async () => {
    const { ask, server, troupe } = await withAccount();
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
    socket.write(`${head}content-length: 11\r\n\r\n{"cents`);
    socket.destroy();
    expect((await ask('POST', path, { body: { cents: 1 } })).body.version).toBe(2);
    expect(troupe.runtime.inFlight).toEqual([0]);
  });
});
