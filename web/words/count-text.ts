/** Numbers as a person reads them. @module */

/** `1 file`, `2,345 files`. */
export function countOf(count: number, noun: string): string {
  return `${numberOf(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `2,345`: a whole number, its digits in groups of three, in every language of the browser. */
export function numberOf(count: number): string {
  return String(count).replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** `512 bytes`, `1.5 KiB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1024) return countOf(bytes, "byte");
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  return `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`;
}
