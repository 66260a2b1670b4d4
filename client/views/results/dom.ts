type Child = Node | string | null;
type Properties = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>;

/**
 * An element. Properties are attributes; `on…` functions are listeners; true is an empty attribute, false and
 * undefined none. Text is always text: nothing here is parsed as HTML.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children.flat()) if (child !== null) element.append(child);
  return element;
}

/** An element of a picture; properties as with `h`. */
export function svg(
  tag: 'svg' | 'path' | 'line',
  properties: Properties = {},
  ...children: readonly Node[]
): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined && value !== false && typeof value !== 'function')
      element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** Sets the place of a bar; through the object model, because the policy of the page forbids style attributes. */
export function place<E extends HTMLElement>(element: E, left: number, width: number): E {
  element.style.left = `${(left * 100).toFixed(3)}%`;
  element.style.width = `${(width * 100).toFixed(3)}%`;
  return element;
}

/** Text for screen readers only. */
export const hidden = (text: string): HTMLElement => h('span', { class: 'hidden' }, text);
