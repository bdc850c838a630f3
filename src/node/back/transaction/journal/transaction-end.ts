/**
 * How a transaction can end (PROTOCOL 13.7 and 13.9).
 *
 * @module
 */

/** How a transaction ended. `clean` is whether the staging folder is removed too. */
export type TransactionEnd =
  | { readonly state: "everything" | "nothing"; readonly clean: boolean }
  /** Everything is in place. It may not survive a power cut. */
  | { readonly state: "in-doubt" }
  /**
   * The rollback failed for some files; `astray` are the places of those that were moved elsewhere or edited. `changed`: it failed
   * for nothing but files that were edited in their places, and stay.
   */
  | { readonly state: "unresolved" | "changed"; readonly astray: readonly string[] };

/** The end of a rollback that did not fail for anything else than such files. */
export function unresolvedEnd(
  isClean: boolean,
  astray: readonly string[],
  edited: readonly string[],
): TransactionEnd {
  const isOnlyEdited = isClean && astray.length === 0;
  return { state: isOnlyEdited ? "changed" : "unresolved", astray: [...astray, ...edited].sort() };
}
