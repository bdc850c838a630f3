/** Cuts text that has no room. @module */

/** The first characters of a printable text, and a mark where it was longer. */
export function cutText(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
