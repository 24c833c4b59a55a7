import type { ActorInside } from '../../data/answers.js';
import { Empty } from '../../parts/states.js';
export function DryRunTab(_: { actor: ActorInside; query: URLSearchParams }) {
  return <Empty title="Soon" />;
}
