import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mcpCommand } from '../../src/cli/mcp.js';
import { fileText, snippetsOf, unindented } from './snippets.js';

const page = readFileSync('docs/mcp.md', 'utf8');

it('the page on MCP shows the example as it is', () => {
  const [shown] = snippetsOf(page);
  expect(fileText(shown?.file ?? '')).toContain(unindented(shown?.code ?? ''));
});

it('the page on MCP names each option of the command', () => {
  for (const { long } of mcpCommand().options) expect(page).toContain(long);
});
