const actions = new Set<() => void>();

/**
 * Runs `action` when this process exits by itself: at the end of its work, by `process.exit` or by an
 * uncaught error. Not when a signal ends it, for a library installs no signal handlers. Returns how to
 * cancel; nothing stays registered with the process when all actions are cancelled.
 */
export function atExit(action: () => void): () => void {
  if (actions.size === 0) process.on('exit', runActions);
  actions.add(action);
  return () => {
    actions.delete(action);
    if (actions.size === 0) process.off('exit', runActions);
  };
}

function runActions(): void {
  for (const action of actions) {
    try {
      action();
    } catch {
      // Nobody is left to be told, and the other actions are due; the next run finds what is left.
    }
  }
}
