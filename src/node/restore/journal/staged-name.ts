/** The names of staged files, by their numbers among all files of a restore: never one that a bundle chose (H-08). @module */

/** The name of a staged file. */
export function stagedName(index: number): string {
  return `f${index}`;
}

/** Whether a name is one that a staged file could have. */
export function isStagedName(name: string): boolean {
  return /^f\d+$/.test(name);
}
