import type { ComponentChildren, VNode } from 'preact';
import type { Problem } from '../data/api.js';
import { forgetToken } from '../data/session.js';
import type { Query } from '../data/use-query.js';

/** There is nothing to show, and that is no error; `children` say why, or what to do. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <p class="state-title">{title}</p>
      {children && <p class="state-text">{children}</p>}
    </div>
  );
}

/** It is on its way. Shown late, so that what comes at once does not flicker. */
export function Loading({ rows = 3 }: { rows?: number }) {
  return (
    <div class="state state-loading" role="status">
      <span class="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} class="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

/** It could not be had. */
export function Failed({ problem, retry }: { problem: Problem; retry?: (() => void) | undefined }) {
  const isForbidden = problem.status === 403;
  return (
    <div class="state state-failed" role="alert">
      <p class="state-title">
        {problem.isUnreachable ? 'The server does not answer' : problem.code}
      </p>
      <p class="state-text">{problem.message}</p>
      {problem.errors.length > 0 && (
        <ul class="state-text">
          {problem.errors.map(({ pointer, message }) => (
            <li key={pointer}>
              <code>{pointer === '' ? '/' : pointer}</code> {message}
            </li>
          ))}
        </ul>
      )}
      <p class="actions">
        {retry && (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
        {isForbidden && (
          <button type="button" onClick={forgetToken}>
            Use another token
          </button>
        )}
      </p>
    </div>
  );
}

/** What is shown is old, since asking again fails. */
export function Stale({ problem, retry }: { problem: Problem | undefined; retry?: () => void }) {
  if (!problem) return null;
  return (
    <p class="notice notice-warn" role="status">
      Not up to date: {problem.message}{' '}
      {retry && (
        <button type="button" class="link" onClick={retry}>
          Try again
        </button>
      )}
    </p>
  );
}

/** Draws what was answered; until then, or instead of it, the state of the question. */
export function Loaded<Answer>({
  query,
  rows,
  children,
}: {
  query: Query<Answer>;
  rows?: number;
  children: (answer: Answer) => VNode | null;
}) {
  const { data, problem, refresh } = query;
  if (data === undefined)
    return problem ? (
      <Failed problem={problem} retry={refresh} />
    ) : (
      <Loading {...(rows !== undefined && { rows })} />
    );
  return (
    <>
      <Stale problem={problem} retry={refresh} />
      {children(data)}
    </>
  );
}
