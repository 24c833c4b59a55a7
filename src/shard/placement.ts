/**
 * Which shard owns a slice. The one place that knows: a cluster would ask its leases here.
 */
export function ownerOf(slice: number, shards: number): number {
  return slice % shards;
}
