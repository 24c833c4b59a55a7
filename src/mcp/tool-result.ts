import type { CallToolResult } from '@modelcontextprotocol/server';
import type { InsideAnswer } from '../http/mcp-mount.js';
import type { Problem } from '../http/problem.js';
import { OUTCOME_TOOL } from './outcome-tool.js';

/** An answer as the result of a call: what was found, or an error with the code that HTTP gives it. */
export function toResult(
  { status, text }: InsideAnswer,
  bodyAt: string | undefined,
): CallToolResult {
  const answer = JSON.parse(text) as object;
  if (status < 400) return resultOf(text, answer);
  const problem = toolProblem(answer as Problem, bodyAt ?? '');
  return { ...resultOf(JSON.stringify(problem), problem), isError: true };
}

function resultOf(text: string, structuredContent: object): CallToolResult {
  return {
    content: [{ type: 'text', text }],
    structuredContent: structuredContent as CallToolResult['structuredContent'],
  };
}

/** In the words of tools: arguments are pointed at, and an outcome is asked for by a tool. */
function toolProblem(problem: Problem, bodyAt: string): object {
  const { errors, commandId } = problem;
  return {
    ...problem,
    ...(errors && {
      errors: errors.map((one) => ({ ...one, pointer: bodyAt + one.pointer })),
    }),
    ...(commandId !== undefined && {
      detail: `Whether command ${commandId} was executed is not known yet: ask ${OUTCOME_TOOL}`,
      resolve: OUTCOME_TOOL,
    }),
  };
}
