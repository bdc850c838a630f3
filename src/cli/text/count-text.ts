/** Numbers as a person reads them. @module */

/** `1 file`, `2,345 files`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
