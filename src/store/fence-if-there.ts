import type { Store } from './store.js';

/**
 * Fences a writer, or finds that it was removed: then it can append no more than one that was fenced.
 */
export async function fenceIfThere(store: Store, writerId: number): Promise<void> {
  try {
    await store.fence(writerId);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'WriterGone') throw error;
  }
}
