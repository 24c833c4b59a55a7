/** An event, as far as a tree of causes looks at it. */
export interface Caused {
  readonly eventId: string;
  readonly commandId: string;
  readonly causationId: string | undefined;
}

/** A command or an event in a tree of causes. */
export interface CausationNode {
  readonly kind: 'command' | 'event';
  /** Id of the command, or of the event. */
  readonly key: string;
  /** Key of what caused it; absent where that is not among the events given. */
  readonly parent?: string;
  /** 0 where it has no parent here. */
  readonly depth: number;
}

/**
 * What caused what, as a flat list in the order of a printed tree: each node after its parent, one deeper.
 * Commands are known by their events; they hang on the event, or the command, that their sender named.
 */
export function causationTree(events: readonly Caused[]): readonly CausationNode[] {
  const commands = byCommand(events);
  const known = new Set([...commands.keys(), ...events.map(({ eventId }) => eventId)]);
  const children = new Map<string, string[]>();
  const roots: string[] = [];
  for (const [commandId, [first]] of commands) {
    const cause = first?.causationId;
    if (cause === undefined || cause === commandId || !known.has(cause)) roots.push(commandId);
    else children.set(cause, [...(children.get(cause) ?? []), commandId]);
  }
  const tree = new Drawing(commands, children);
  for (const root of roots) tree.draw(root);
  // Causes that name each other in a ring have no root.
  for (const commandId of commands.keys()) tree.draw(commandId);
  return tree.nodes;
}

function byCommand(events: readonly Caused[]): ReadonlyMap<string, readonly Caused[]> {
  const commands = new Map<string, Caused[]>();
  for (const event of events) {
    const own = commands.get(event.commandId);
    if (own) own.push(event);
    else commands.set(event.commandId, [event]);
  }
  return commands;
}

class Drawing {
  readonly nodes: CausationNode[] = [];
  private readonly drawn = new Set<string>();

  constructor(
    private readonly commands: ReadonlyMap<string, readonly Caused[]>,
    private readonly children: ReadonlyMap<string, readonly string[]>,
  ) {}

  /** With a stack of its own: a conversation may be a long chain. */
  draw(root: string): void {
    const open: CausationNode[] = [{ kind: 'command', key: root, depth: 0 }];
    for (let node = open.pop(); node; node = open.pop()) {
      if (this.drawn.has(node.key)) continue;
      this.drawn.add(node.key);
      this.nodes.push(node);
      open.push(...this.below(node).reverse());
    }
  }

  private below({ kind, key, depth }: CausationNode): CausationNode[] {
    const at = { parent: key, depth: depth + 1 };
    const own = kind === 'command' ? (this.commands.get(key) ?? []) : [];
    return [
      ...own.map(({ eventId }) => ({ kind: 'event' as const, key: eventId, ...at })),
      ...(this.children.get(key) ?? []).map((id) => ({
        ...{ kind: 'command' as const, key: id },
        ...at,
      })),
    ];
  }
}
