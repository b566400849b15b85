// What a query's filters say, as the store takes them.

import type { Static } from 'typebox';
import { FlaplineError } from '../config/errors.js';
import type { ViewFilter } from '../store/line-filter.js';
import type { PeriodQuery } from './contract.js';

type Parts = Partial<Static<typeof PeriodQuery>>;

/** The filter of a query. Throws BAD_REQUEST for a component without its kind. */
export function filterOf(query: Parts): ViewFilter {
  const { branch, product, customer, key, kind, component, class: judged, planned } = query;
  if ((kind === undefined) !== (component === undefined)) {
    throw new FlaplineError(
      'BAD_REQUEST',
      'querystring "component": a component is named with its kind: kind=card&component=NAME',
    );
  }
  return { branch, product, customer, key, kind, component, class: judged, planned };
}
