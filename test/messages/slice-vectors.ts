/**
 * Slices that must never change: aggregate, id, slice. Computed by another implementation of FNV-1a,
 * with big integers, than the two that are tested.
 */
export const SLICE_VECTORS: readonly (readonly [string, string, number])[] = [
  ['', '', 75],
  ['account', '1', 132],
  ['account', '2', 230],
  ['1', 'account', 52],
  ['account', '', 243],
  ['', 'account', 181],
  ['ab', 'c', 70],
  ['a', 'bc', 19],
  ['loan', 'Application_652823628', 110],
  ['account', '00000000-0000-7000-8000-000000000000', 110],
  ['account', '\u00e9', 108],
  ['account', 'e\u0301', 79],
  ['konto', '😀', 154],
  ['ü', 'ß', 122],
  ['a', '\ue000', 240],
  ['a', '\u{10ffff}', 143],
];
