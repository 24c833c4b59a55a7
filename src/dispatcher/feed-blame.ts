/** Notes which events code of the domain has, where it is seen although the thread is blocked or dead. */
export interface FeedBlame {
  enter(from: number, upTo: number): void;
  leave(): void;
}
