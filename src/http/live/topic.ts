/** A thing that is watched, by its name. */
export type Sighted = ReadonlyMap<string, object>;

/** Hears of what has changed. */
export interface TopicListener {
  changed(event: string, name: string, value: object): void;
}

/**
 * Looks at something at a pace, once for all who listen, and only while somebody does; tells what has
 * changed since the last look. A look that fails is told, and the next one is tried.
 */
export class Topic {
  private readonly listeners = new Set<TopicListener>();
  private readonly last = new Map<string, { readonly text: string; readonly value: object }>();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;

  constructor(
    readonly event: string,
    private readonly everyMs: number,
    private readonly look: () => Promise<Sighted>,
  ) {}

  /** Tells what is known already; returns what ends it. */
  join(listener: TopicListener): () => void {
    this.listeners.add(listener);
    this.tellAll(listener);
    if (!this.timer && !this.isLooking) void this.round();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearTimeout(this.timer);
      this.timer = undefined;
      this.last.clear();
    };
  }

  /** Tells one listener everything. */
  tellAll(listener: TopicListener): void {
    for (const [name, { value }] of this.last) listener.changed(this.event, name, value);
  }

  private async round(): Promise<void> {
    this.isLooking = true;
    try {
      this.compare(await this.look());
    } catch {
      this.tell('unavailable', this.event, { what: this.event });
    }
    this.isLooking = false;
    if (this.listeners.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.round();
    }, this.everyMs);
    this.timer.unref();
  }

  private compare(seen: Sighted): void {
    if (this.listeners.size === 0) return;
    for (const [name, value] of seen) {
      const text = JSON.stringify(value);
      if (this.last.get(name)?.text === text) continue;
      this.last.set(name, { text, value });
      this.tell(this.event, name, value);
    }
    for (const name of [...this.last.keys()]) {
      if (seen.has(name)) continue;
      this.last.delete(name);
      this.tell('gone', name, { what: this.event, name });
    }
  }

  private tell(event: string, name: string, value: object): void {
    for (const listener of [...this.listeners]) listener.changed(event, name, value);
  }
}
