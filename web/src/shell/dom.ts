// Making elements. Text from the API enters the page here and only as text, never as markup.

export interface Props {
  class?: string;
  text?: string;
  /** data-test: a stable name for browser tests. */
  test?: string;
  attrs?: Record<string, string>;
  click?: (event: MouseEvent) => void;
}

/** A new element with class, text, attributes and children (null children are left out). */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: (Node | null)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (props.class !== undefined) element.className = props.class;
  if (props.text !== undefined) element.textContent = props.text;
  if (props.test !== undefined) element.dataset['test'] = props.test;
  for (const [name, value] of Object.entries(props.attrs ?? {})) element.setAttribute(name, value);
  if (props.click !== undefined) {
    const listener = props.click;
    element.addEventListener('click', (event) => listener(event as MouseEvent));
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** Sets text only where it changed, so that a calm page stays untouched. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Links side by side of which one is current (ranges, periods). */
export function choices(
  label: string,
  items: { text: string; href: string; current: boolean; test?: string }[],
): HTMLElement {
  const nav = el('nav', { class: 'choices', attrs: { 'aria-label': label } });
  for (const item of items) {
    const link = el('a', { text: item.text, attrs: { href: item.href } });
    if (item.test !== undefined) link.dataset['test'] = item.test;
    if (item.current) link.setAttribute('aria-current', 'true');
    nav.append(link);
  }
  return nav;
}
