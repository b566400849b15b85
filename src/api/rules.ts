// GET /rules: the rules in force as the words of flapline.yaml, and how they came to be.

import { wordsOfRules } from '../config/rules-words.js';
import { recentResets, rulesInForce, rulesVersions } from '../store/rule-history.js';
import { ApiError } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { RulesNow } from './rules-contract.js';

/** GET /rules. */
export function rulesRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/rules',
    {
      // The words are checked by the schema of flapline.yaml, not by this one.
      serializerCompiler: () => (body) => JSON.stringify(body),
      schema: {
        summary: 'The rules in force, their versions by partition, and resets by operators',
        response: { 200: RulesNow, '4xx': ApiError, '5xx': ApiError },
      },
    },
    () =>
      deps.read(async (connection) => {
        const { version, rules } = await rulesInForce(connection);
        const versions = await rulesVersions(connection, null);
        return {
          version,
          words: wordsOfRules(rules),
          versions: versions.map(({ rules: each, ...place }) =>
            Object.assign(place, { words: wordsOfRules(each) }),
          ),
          resets: await recentResets(connection),
        };
      }),
  );
}
