import tseslint from 'typescript-eslint';

// Biome lints and formats. ESLint holds only what Biome cannot: two rules that need types, and the
// sizes of STYLE. An exception carries its reason on the line (`-- reason`).
const sizes = {
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
  'max-depth': ['error', 3],
  'max-params': ['error', 4],
};

export default tseslint.config(
  { ignores: ['dist/**', '.build-*/**', '.cache/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      // What the test runner of Node returns is awaited by the runner itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['describe', 'it'], package: 'node:test' },
          ],
        },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    files: ['{src,workers,bench,examples,test,web}/**/*.{ts,tsx}', 'scripts/**/*.js'],
    rules: sizes,
  },
  {
    files: ['{src,workers,bench,examples,web}/**/*.{ts,tsx}', 'scripts/**/*.js'],
    rules: {
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
    },
  },
  // A migration is one SQL text, which reads best whole.
  { files: ['src/postgres/migrations/*.ts'], rules: { 'max-lines-per-function': 'off' } },
);
