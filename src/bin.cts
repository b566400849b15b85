#!/usr/bin/env node
// The package's bin. Kafka's client and DuckDB share libuv's threads: four unless it is told otherwise
// before the first of them is used, and loading a module as ESM uses one. What it runs is main.ts, put
// into a few files (bundle.config.mts).

process.env['UV_THREADPOOL_SIZE'] ??= '16';
const main: string = '../bundle/main.mjs';
void import(main);
