// Every page there is, in the order of the navigation. A new one is one line here and a file beside it;
// its first part of the address also stands in src/api/pages.ts.

import type { Page } from '../shell/view.js';
import { causesPage } from './causes.js';
import { cellPage } from './cell.js';
import { deskPage } from './desk.js';
import { flappingPage } from './flapping.js';
import { linePage } from './line.js';
import { mapPage } from './map.js';
import { recordsPage } from './records.js';
import { rulesPage } from './rules.js';
import { targetsPage } from './targets.js';
import { wallPage } from './wall.js';
import { worstPage } from './worst.js';

export const PAGES: readonly Page[] = [
  deskPage,
  wallPage,
  mapPage,
  worstPage,
  flappingPage,
  causesPage,
  targetsPage,
  recordsPage,
  rulesPage,
  cellPage,
  linePage,
];
