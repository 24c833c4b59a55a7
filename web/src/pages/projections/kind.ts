/** What sort of subscription it is: of the domain, of a saga, or the runtime's own. */
export function kindOf({ kind, name }: { readonly kind?: string; readonly name: string }): string {
  if (kind !== undefined) return kind;
  return /^(\$saga|saga-)/.test(name) ? 'saga' : 'built in';
}
