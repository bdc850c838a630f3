/** Which codes a user may have meant by a word that is not a code. @module */

/** Suggestions that one answer has. */
const MAX_NEAR = 5;

/** A word this close, in edits for each of its characters, counts as a typing error. */
const MAX_EDITS_PER_CHARACTER = 1 / 3;

/** A shorter part occurs in too many codes. */
const MIN_PART = 4;

/** The known words nearest to a word, nearest first: by edits, then those of which it is a part. At most five. */
export function nearWords<Word extends string>(text: string, known: readonly Word[]): readonly Word[] {
  const allowed = Math.floor(text.length * MAX_EDITS_PER_CHARACTER);
  const ranked = known
    // An edit changes the length by one at most: the others need no table.
    .filter((word) => Math.abs(word.length - text.length) <= allowed)
    .map((word) => ({ word, edits: editDistance(text, word) }))
    .filter(({ edits }) => edits <= allowed)
    .toSorted((one, other) => one.edits - other.edits)
    .map(({ word }) => word);
  const containing = text.length < MIN_PART ? [] : known.filter((word) => word.includes(text));
  return [...new Set([...ranked, ...containing])].slice(0, MAX_NEAR);
}

/** How many characters must be inserted, removed, replaced, or swapped with the next, to make one text of another. */
export function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const next: number[] = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const replaced = (last[column - 1] ?? 0) + (isSame ? 0 : 1);
      const removed = (last[column] ?? 0) + 1;
      const inserted = (next[column - 1] ?? 0) + 1;
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap && row > 1 && column > 1 ? (beforeLast[column - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, removed, inserted, swapped));
    }
    beforeLast = last;
    last = next;
  }
  return last[to.length] ?? 0;
}
