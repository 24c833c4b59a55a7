import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { useDatabase } from '../threads/support/use-database.js';

const db = useDatabase();
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const main = path('../../dist/src/cli/main.js');
const domain = path('./support/chatty-domain.js');

/** The official client at the other end of `troupe mcp`, as built. */
async function troupeMcp(args: readonly string[], env: Record<string, string> = {}, pin = true) {
  const parameters = {
    command: process.execPath,
    args: [main, 'mcp', '--domain', domain, '--schema', db.schema, ...args],
    env: { PATH: process.env.PATH ?? '', DATABASE_URL: db.url, ...env },
    stderr: 'pipe' as const,
  };
  const transport = new StdioClientTransport(parameters);
  const printed = { stderr: '' };
  transport.stderr?.on('data', (text: Buffer) => {
    printed.stderr += String(text);
  });
  const errors: Error[] = [];
  const mode = pin ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {};
  const client = new Client({ name: 'test', version: '1.0.0' }, mode);
  client.onerror = (error) => void errors.push(error);
  onTestFinished(() => client.close());
  await client.connect(transport).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${printed.stderr}`);
  });
  const { pid } = transport;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  const call = async (name: string, given: Record<string, unknown>): Promise<any> => {
    const { structuredContent, isError } = await client.callTool({ name, arguments: given });
    return { isError: isError ?? false, body: structuredContent };
  };
  return { client, call, printed, errors, pid: pid as number };
}

const allowed = ['--command', 'note.write', 'note.amend', 'note.tear', '--view', 'notes'];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const gone = (pid: number) =>
  vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000, interval: 10 });

describe('troupe mcp', () => {
  it.each([true, false])(
    'serves what is allowed on stdin and stdout, and whatever the domain prints goes elsewhere (newest revision: %s)',
    async (pin) => {
      const { client, call, printed, errors, pid } = await troupeMcp(
        [...allowed, '--stream', 'note', '--principal', 'mia'],
        {},
        pin,
      );
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual([
        ...['note_write', 'note_amend', 'note_tear', 'command_outcome'],
        ...['find_notes', 'get_notes', 'read_note', 'read_note_events'],
      ]);
      const written = await call('note_write', {
        ...{ id: 'n', data: { text: 'milk' }, waitFor: ['notes'] },
      });
      expect(written).toMatchObject({ isError: false, body: { waited: { notes: 'done' } } });
      const found = await call('find_notes', { 'text.prefix': 'mi' });
      expect(found.body.items).toEqual([{ key: 'n', document: { text: 'milk' } }]);
      const same = await call('note_amend', { id: 'n', data: { text: 'milk' } });
      expect(same).toMatchObject({ isError: true, body: { code: 'NOTE_SAME', status: 409 } });
      const failed = await call('note_tear', { id: 'n', data: {} });
      expect(failed).toMatchObject({ isError: true, body: { code: 'CommandFailed' } });
      const { contents } = await client.readResource({ uri: 'troupe:///api/note/n/events' });
      const { items } = JSON.parse((contents[0] as { text: string }).text);
      expect(items).toMatchObject([{ type: 'written', metadata: { principal: 'mia' } }]);
      await vi.waitFor(() => {
        for (const word of ['imported', 'decided', 'shown']) expect(printed.stderr).toContain(word);
      });
      expect(errors).toEqual([]);
      await client.close();
      await gone(pid);
    },
  );

  it('asks the hook of a module, with a token of the environment, and hides what it says', async () => {
    const options = path('./support/mcp-options.js');
    const args = [...allowed, '--stream', 'note', '--options', options];
    const token = 'a-token-of-some-length';
    const { client, call } = await troupeMcp(args, { TROUPE_MCP_TOKEN: token });
    expect(client.getServerVersion()).toMatchObject({ title: 'Notes', version: '2.0.0' });
    const written = await call('note_write', { id: 'n', data: { text: 'secret' } });
    expect(written.body.events).toMatchObject([{ data: { text: 'hidden' } }]);
    const { body } = await call('read_note_events', { id: 'n' });
    expect(body.items).toMatchObject([{ metadata: { principal: 'eve', tenant: 'office' } }]);
    const state = await call('read_note', { id: 'n' });
    expect(state).toMatchObject({ isError: true, body: { code: 'Forbidden' } });
    await client.close();
    const other = await troupeMcp(args, { TROUPE_MCP_TOKEN: 'another' });
    const refused = await other.call('note_write', { id: 'm', data: { text: 'x' } });
    expect(refused).toMatchObject({ isError: true, body: { code: 'Forbidden' } });
  });

  it('ends when it is told to, and leaves nothing behind', async () => {
    const { pid, call } = await troupeMcp(allowed);
    await call('note_write', { id: 'n', data: { text: 'milk' } });
    process.kill(pid, 'SIGTERM');
    await gone(pid);
  });

  it.each([
    [['--command', 'note.wirte'], 'note.write'],
    [[], 'something that is allowed'],
    [
      ['--view', 'notes', '--options', path('./support/child.ts').replace('.ts', '.nothing')],
      'child.nothing',
    ],
  ])('called with %j says what is wrong, on stderr', async (args, message) => {
    await expect(troupeMcp(args)).rejects.toThrow(message);
  });
});
