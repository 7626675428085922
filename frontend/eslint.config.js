import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** Each rule that is set by hand says what it prevents. */
export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.gen.ts'] },
  ...tseslint.configs.strict,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // A file that outgrows one screen of reading gets split.
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      // Money is text: a float loses the cent before anyone looks.
      'no-restricted-globals': [
        'error',
        { name: 'parseFloat', message: 'Amounts stay decimal strings; see src/exact.ts.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: '@tanstack/react-table', message: 'Only src/grid/table.ts knows TanStack Table.' },
            // A write without the key of its intention is done twice by a double click.
            {
              name: '@tanstack/react-query',
              importNames: ['useMutation'],
              message: 'Write through useIntention.',
            },
            { name: 'openapi-fetch', message: 'Read with api, write through useIntention.' },
          ],
          patterns: [
            {
              group: ['**/client'],
              importNames: ['senderFor'],
              message: 'Write through useIntention: a key belongs to an intention.',
            },
          ],
        },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
      // It only says that the React Compiler, which is not used here, would skip a hook.
      'react-hooks/incompatible-library': 'off',
    },
  },
  {
    files: ['src/grid/table.ts', 'src/api/client.ts', 'src/api/intention.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    // The grid knows rows and columns; what they mean is the page's business.
    files: ['src/grid/**'],
    ignores: ['src/grid/table.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: '@tanstack/react-table', message: 'Only src/grid/table.ts knows TanStack Table.' }],
          patterns: [{ group: ['@/api/*', '@/pages/*', '@/words/*'], message: 'src/grid knows no domain.' }],
        },
      ],
    },
  },
  {
    files: ['mock/**', 'tests/**'],
    rules: {
      'no-console': 'off',
      'max-lines': ['error', { max: 600 }],
      'no-restricted-imports': 'off',
      // Made-up data is indexed by known lengths.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)
