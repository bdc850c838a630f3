/** Making elements. Text goes in as text: nothing of a bundle is ever parsed as HTML. @module */

/** What goes into an element. */
export type Content = Node | string | undefined;

/** Makes an HTML element with attributes and content. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  append(made, content);
  return made;
}

/** Makes an SVG element. */
export function svgElement<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>> = {},
  ...content: readonly Content[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  append(made, content);
  return made;
}

/** Puts content into an element, in place of what was there. */
export function fill(parent: Element, ...content: readonly Content[]): void {
  parent.replaceChildren();
  append(parent, content);
}

/** The element with an id, of the class that the page's HTML gives it. Throws if the HTML is another, which is a bug. */
export function byId<Made extends Element>(id: string, kind: abstract new () => Made): Made {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${id}`);
  return found;
}

function append(parent: Element, content: readonly Content[]): void {
  for (const part of content) if (part !== undefined) parent.append(part);
}
