import type { OutcomeUnknown, UnknownCommand } from '../messages/errors.js';

/** Each is some hundred bytes. */
const MAX_KEPT = 10_000;

/** The commands that were answered 504 here, the last ones: what resolving them needs. */
export class UnknownOutcomes {
  private readonly commands = new Map<string, UnknownCommand>();

  keep({ command }: OutcomeUnknown): void {
    this.commands.set(command.commandId, command);
    if (this.commands.size <= MAX_KEPT) return;
    const [oldest] = this.commands.keys();
    if (oldest !== undefined) this.commands.delete(oldest);
  }

  get(commandId: string): UnknownCommand | undefined {
    return this.commands.get(commandId);
  }
}
