// The page: theme, header, one stream, and the view that the address names, or the form for a
// token while the service wants one. A view lives until the address, the language, the time zone
// or the service's mind changes.

import 'uplot/dist/uPlot.min.css';
import './style.css';
import { el } from './dom.js';
import { Header } from './header.js';
import { language, setLanguage } from './i18n.js';
import type { View } from './panel.js';
import { startProbe } from './probe.js';
import { parseRoute, type Route } from './route.js';
import { current, subscribe } from './store.js';
import { startStream } from './stream.js';
import { startTheme } from './theme.js';
import { cellView } from './views/cell.js';
import { flappingView } from './views/flapping.js';
import { lineView } from './views/line.js';
import { loginView } from './views/login.js';
import { targetsView } from './views/targets.js';
import { wallView } from './views/wall.js';
import { worstView } from './views/worst.js';
import { setZone, zoneName } from './zone.js';

const TICK_MS = 500;

const app = el('div', { class: 'app' });
const main = el('main');
let header = new Header(switchLanguage);
let view: View | null = null;
/** The view is the form for a token. */
let locked = false;

function viewOf(route: Route): View {
  switch (route.view) {
    case 'wall':
      return wallView(route.by, route.range);
    case 'cell':
      return cellView(route.by, route.name, route.time);
    case 'line':
      return lineView(route);
    case 'worst':
      return worstView(route);
    case 'flapping':
      return flappingView();
    case 'targets':
      return targetsView();
  }
}

const denied = (): boolean => current().connection === 'denied';

/** Opens the view of the address; before the first status there is no time to show it at. */
function openView(): void {
  view?.destroy();
  view = null;
  const route = parseRoute(location.hash);
  main.dataset['view'] = route.view;
  header.at(route.view);
  locked = denied();
  if (!locked && current().status === null) {
    main.replaceChildren();
    return;
  }
  view = locked ? loginView() : viewOf(route);
  main.replaceChildren(view.element);
}

function draw(): void {
  document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en';
  header = new Header(switchLanguage);
  app.replaceChildren(header.element, main);
  header.tick();
  openView();
}

function switchLanguage(): void {
  setLanguage(language() === 'en' ? 'zh' : 'en');
  draw();
}

startTheme();
startProbe();
document.querySelector('#app')?.replaceWith(app);
subscribe((live) => {
  const before = zoneName();
  if (live.status !== null) setZone(live.status.timeZone);
  header.tick();
  if (view === null || locked !== denied() || zoneName() !== before) openView();
});
draw();
window.setInterval(() => header.tick(), TICK_MS);
window.addEventListener('hashchange', openView);
startStream();
