export const tally = 'not a definition';
