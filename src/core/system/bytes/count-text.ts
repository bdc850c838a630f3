/** Numbers as a person reads them. @module */

/** `1 file`, `2,345 files`. */
export function countOf(count: number, noun: string): string {
  return `${numberOf(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `2,345`: a whole number, its digits in groups of three. Not by `toLocaleString`: loading a locale takes several milliseconds. */
export function numberOf(count: number): string {
  return String(count).replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
}
