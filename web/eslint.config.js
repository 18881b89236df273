// What the compilers do not see: ESLint, its Svelte rules, and two of ours on words.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';
import svelteConfig from './svelte.config.js';
import { words } from './words.eslint.js';

export default typescript.config(
  { ignores: ['dist/', '.svelte-kit/', 'static/', 'node_modules/', 'src/lib/platform/schema.d.ts'] },
  js.configs.recommended,
  ...typescript.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    plugins: { desk: { rules: words } },
    rules: {
      // TypeScript and svelte-check see names that are not there.
      'no-undef': 'off',
      // Plain paths: the desk is served at the root of its host.
      'svelte/no-navigation-without-resolve': 'off',
      // Sets, maps, dates and addresses that never change once they are made need no reactive kind.
      'svelte/prefer-svelte-reactivity': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A space at the end of a line is written as `{' '}`.
      'svelte/no-useless-mustaches': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }]
    }
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser, extraFileExtensions: ['.svelte'], svelteConfig } }
  },
  { files: ['src/**/*.svelte'], rules: { 'desk/no-text': 'error', 'svelte/no-at-html-tags': 'error' } },
  { files: ['tests/**', '*.mjs'], rules: { 'no-console': 'off' } }
);
