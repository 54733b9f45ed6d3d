import tseslint from 'typescript-eslint'

export default tseslint.config(
  {ignores: ['**/dist/**', '**/node_modules/**', 'test/fixtures/**', 'src/backends/templates/**']},
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: './tsconfig.lint.json',
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true}],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      // Taking a field out of an object by leaving it behind.
      '@typescript-eslint/no-unused-vars': ['error', {ignoreRestSiblings: true}],
      'no-console': 'error',
      // The index of oclif loads all of it, at each start of the command.
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {name: '@oclif/core', allowTypeImports: true, message: 'Import its part: @oclif/core/flags'},
          ],
        },
      ],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {allowForKnownSafeCalls: [{from: 'package', name: ['describe', 'it'], package: 'mocha'}]},
      ],
      'prefer-const': 'error',
    },
  },
)
