// Puts the program and what it uses into a few files for its bin: a start loads well over a thousand
// otherwise, which took most of it. What is compiled, finds files beside itself, or is seldom needed stays
// a package.

import { defineConfig } from 'vite';

export default defineConfig({
  ssr: {
    noExternal: true,
    external: ['@duckdb/node-bindings', 'exceljs', 'node-rdkafka', 'nodemailer'],
  },
  build: {
    ssr: 'dist/src/main.js',
    outDir: 'dist/bundle',
    target: 'node20',
    emptyOutDir: true,
    rollupOptions: {
      output: {
        entryFileNames: 'main.mjs',
        // No comments or spaces to be read at each start; names stay, for the stacks of errors.
        minify: { compress: false, mangle: false, codegen: true },
      },
    },
  },
});
