import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useDatabase } from '../threads/support/use-database.js';

const db = useDatabase();
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const main = path('../../dist/src/cli/main.js');
const domain = path('./support/chatty-domain.js');

/**
 * The official client at the other end of `troupe mcp`, as built. `pin` is the newest revision, for which the
 * client starts another process first, to ask whether it knows it.
 */
async function troupeMcp(args: readonly string[], env: Record<string, string> = {}, pin = false) {
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
  const end = async () => {
    await client.close();
    await gone(pid as number);
  };
  return { client, call, printed, errors, end, pid: pid as number };
}

const allowed = ['--command', 'note.write', 'note.amend', 'note.tear', '--view', 'notes'];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const gone = (pid: number) => eventually(() => expect(isAlive(pid)).toBe(false));

describe('troupe mcp', () => {
  it('serves what is allowed on stdin and stdout, and whatever the domain prints goes elsewhere', async () => {
    const { client, call, printed, errors, end } = await troupeMcp(
      [...allowed, '--stream', 'note', '--principal', 'mia'],
      {},
      true,
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
    await eventually(() => {
      for (const word of ['imported', 'decided', 'shown']) expect(printed.stderr).toContain(word);
    });
    expect(errors).toEqual([]);
    await end();
  });

  it('asks the hook of a module, with a token of the environment, and ends when it is told to', async () => {
    const options = path('./support/mcp-options.js');
    const args = [...allowed, '--stream', 'note', '--options', options];
    const token = 'a-token-of-some-length';
    const { client, call, pid } = await troupeMcp(args, { TROUPE_MCP_TOKEN: token });
    expect(client.getServerVersion()).toMatchObject({ title: 'Notes', version: '2.0.0' });
    const written = await call('note_write', { id: 'n', data: { text: 'secret' } });
    expect(written.body.events).toMatchObject([{ data: { text: 'hidden' } }]);
    const { body } = await call('read_note_events', { id: 'n' });
    expect(body.items).toMatchObject([{ metadata: { principal: 'eve', tenant: 'office' } }]);
    const state = await call('read_note', { id: 'n' });
    expect(state).toMatchObject({ isError: true, body: { code: 'Forbidden' } });
    process.kill(pid, 'SIGTERM');
    await gone(pid);
  });

  it.each([
    [['--command', 'note.wirte'], 'did you mean note.write?'],
    [['--view', 'notes', '--options', path('./support/nothing.js')], 'nothing.js'],
  ])('called with %j says what is wrong, on stderr, and ends', async (args, message) => {
    const given = [main, 'mcp', '--domain', domain, '--schema', db.schema, '--url', db.url];
    const { stdout, stderr, code } = await new Promise<Ended>((resolve) => {
      const child = execFile(process.execPath, [...given, ...args], (_, stdout, stderr) =>
        resolve({ stdout, stderr, code: child.exitCode }),
      );
    });
    expect({ stdout, code }, stderr).toEqual({ stdout: '', code: 1 });
    expect(stderr).toContain(message);
  });
});

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}
