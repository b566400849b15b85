// The benches by name: `npm run bench -- NAME [--smoke] [--keep]`. Each prints what it measured and on
// what; its last line of stdout is `RESULT {json}`. It ends with 1 when results differ or a gate is
// missed, with 64 for a name or an option that it does not know.

import { parseArgs } from 'node:util';
import { EXIT, FlaplineError, messageOf } from '../src/config/errors.js';
import { runCauseBench } from './cause.js';
import { runKafkaBench } from './kafka.js';
import { runSoakBench } from './kafka-soak.js';
import { runStormBench } from './kafka-storm.js';
import { runKernelBench } from './kernel.js';
import { runReplayBench } from './replay.js';
import { runScaleBench } from './scale.js';
import { runStoreBench } from './store.js';
import { runWebBench } from './web.js';

/** How a bench is run. */
export interface BenchOptions {
  /** At the size of the tests. */
  readonly smoke: boolean;
  /** Keep the result as a dated file in bench/results. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
}

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  cause: runCauseBench,
  kafka: runKafkaBench,
  'kafka-soak': runSoakBench,
  'kafka-storm': runStormBench,
  kernel: runKernelBench,
  replay: runReplayBench,
  scale: runScaleBench,
  store: runStoreBench,
  web: runWebBench,
};

const HELP = `npm run bench -- NAME [--smoke] [--keep]

NAME     one of: ${Object.keys(BENCHES).join(', ')}
--smoke  run at the size of the tests
--keep   keep the result of a full run in bench/results
--help   show this text
`;

const EXIT_FAILED = 1;

function usage(text: string, cause?: unknown): FlaplineError {
  return new FlaplineError('USAGE', `bench: ${text}; see npm run bench -- --help`, { cause });
}

function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        smoke: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return { ...values, positionals };
  } catch (error) {
    throw usage(messageOf(error), error);
  }
}

async function main(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { help, smoke, keep, positionals } = readArguments(args);
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const [name, ...more] = positionals;
  if (name === undefined) throw usage(`name one of: ${Object.keys(BENCHES).join(', ')}`);
  if (more.length > 0) throw usage(`one bench at a time, not also '${more.join(' ')}'`);
  if (smoke && keep) throw usage('--keep is for full runs: leave out --smoke');
  if (!Object.hasOwn(BENCHES, name)) {
    throw usage(`no bench is named '${name}'; there are: ${Object.keys(BENCHES).join(', ')}`);
  }
  await BENCHES[name]!({ smoke, keep, signal });
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

try {
  await main(process.argv.slice(2), stop.signal);
} catch (error) {
  const interrupted = stop.signal.aborted;
  process.stderr.write(`${interrupted ? 'bench: interrupted' : messageOf(error)}\n`);
  const code = error instanceof FlaplineError ? error.exitCode : EXIT_FAILED;
  process.exitCode = interrupted ? EXIT.interrupted : code;
}
