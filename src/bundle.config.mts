// Puts the program and what it uses into a few files for its bin: a start loads well over a thousand
// otherwise, which took most of it. What is compiled, finds files beside itself, or is seldom needed stays
// a package.

import { defineConfig } from 'vite';

export default defineConfig({
  ssr: {
    noExternal: true,
    external: [
      '@duckdb/node-bindings',
      '@fastify/swagger-ui',
      'exceljs',
      'node-rdkafka',
      'nodemailer',
    ],
  },
  build: {
    ssr: 'dist/src/main.js',
    outDir: 'dist/bundle',
    target: 'node20',
    emptyOutDir: true,
    rollupOptions: { output: { entryFileNames: 'main.mjs' } },
  },
});
