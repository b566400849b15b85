// The page: header, one stream, and the view that the address names, or the form for a token while the
// service wants one. A view lives until the page, the language, the zone or the service's mind changes.

import 'uplot/dist/uPlot.min.css';
import './styles/page.css';
import './styles/dialogs.css';
import './styles/line.css';
import './styles/lists.css';
import './styles/rules.css';
import './styles/causes.css';
import { addressOf, go, hrefOf, watchAddress } from './shell/address.js';
import { el } from './shell/dom.js';
import { t } from './shell/head-words.js';
import { Header } from './shell/header.js';
import { language, setLanguage } from './shell/i18n.js';
import { addKeys, startKeys } from './shell/keys.js';
import { startProbe } from './shell/probe.js';
import { carried } from './shell/scope.js';
import { current, subscribe } from './shell/store.js';
import { startStream } from './shell/stream.js';
import { startTheme, switchTheme } from './shell/theme.js';
import type { Page, View } from './shell/view.js';
import { setZone, zoneName } from './shell/zone.js';
import { PAGES } from './views/all.js';
import { loginView } from './views/login.js';

const TICK_MS = 500;

const NO_PAGE: Page = {
  page: '',
  title: null,
  mount: () => ({
    element: el('p', { class: 'empty', text: t('noPage') }),
    unmount: () => undefined,
  }),
};

const app = el('div', { class: 'app' });
const main = el('main', { attrs: { id: 'main', tabindex: '-1' } });
let header = new Header(PAGES, switchLanguage);
let mounted: { page: Page; view: View } | null = null;
/** The view is the form for a token. */
let locked = false;

const denied = (): boolean => current().connection === 'denied';
const address = () => addressOf(location);

function setZoneOfAddress(): void {
  const { status } = current();
  if (status !== null) setZone(status.timeZone, address().query['zone']);
}

function unmount(): void {
  mounted?.view.unmount();
  mounted = null;
}

/** Shows the view of the address; before the first status there is no time to show it at. */
function show(): void {
  const at = address();
  const page = PAGES.find((one) => one.page === at.page) ?? NO_PAGE;
  const zone = zoneName();
  setZoneOfAddress();
  header.at(at);
  main.dataset['view'] = page.page || 'desk';
  app.classList.toggle('bare', page.bare === true && !denied());
  const stays = mounted?.page === page && zone === zoneName() && !denied();
  const { update } = mounted?.view ?? {};
  if (stays && update !== undefined && update(at) !== false) return;
  unmount();
  locked = denied();
  main.replaceChildren();
  if (!locked && current().status === null) return;
  mounted = { page, view: locked ? loginView() : page.mount(at) };
  main.append(mounted.view.element);
}

/** Everything anew, in the page's language. */
function draw(): void {
  document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en';
  unmount();
  header = new Header(PAGES, switchLanguage);
  const skip = el('button', { class: 'skip', text: t('skip'), click: () => main.focus() });
  app.replaceChildren(skip, header.element, main);
  header.tick();
  show();
}

function switchLanguage(): void {
  setLanguage(language() === 'en' ? 'zh' : 'en');
  draw();
}

function pageKeys(): void {
  for (const { page, key, title } of PAGES) {
    if (key === undefined || title === null) continue;
    const what = (): string => t('keyGo', { page: title() });
    const run = (): void => go(hrefOf(page, '', carried(address().query)));
    addKeys([{ key: `g ${key}`, what, run }]);
  }
  addKeys([
    { key: 'L', what: () => t('languageSwitch'), run: switchLanguage },
    {
      key: 'T',
      what: () => t('themeSwitch'),
      run: () => {
        switchTheme();
        draw();
      },
    },
  ]);
}

startTheme();
startProbe();
startKeys();
pageKeys();
document.querySelector('#app')?.replaceWith(app);
subscribe(() => {
  const before = zoneName();
  setZoneOfAddress();
  header.tick();
  if (mounted === null || locked !== denied() || zoneName() !== before) {
    unmount();
    show();
  }
});
draw();
window.setInterval(() => header.tick(), TICK_MS);
watchAddress(show);
startStream();
