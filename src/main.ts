#!/usr/bin/env node
// The bin: runs the command line and ends with its exit code.

import { runProgram } from './cli/program.js';

process.exit(await runProgram(process.argv.slice(2)));
