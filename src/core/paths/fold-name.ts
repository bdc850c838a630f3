/**
 * The form of a name that all its spellings have in common: other systems take them for one.
 *
 * @module
 */

// Text settles after three rounds at the latest; the bound only makes sure that none can hang us.
const MAX_ROUNDS = 8;

/**
 * Folds one component of a path: two names with one folded form are the same name somewhere.
 *
 * Coarser than any file system: invisible characters vanish, compatibility forms (`ﬁ`, `Ⅷ`, `ａ`) and case
 * are levelled, and trailing dots and spaces are dropped, as Windows drops them. Never show the result.
 */
export function foldName(component: string): string {
  return dropTrailing(/^[ -~]*$/.test(component) ? component.toLowerCase() : foldText(component));
}

/**
 * Unicode's NFKC_Casefold without its tables. Upper and then lower case levels what the two mappings tell
 * apart one way only: ſ, ß, the Kelvin sign, Cherokee, Cyrillic ᲀ…ᲈ. ẞ becomes ß in a first round and ss in
 * the next. The form is decomposed, so that a mark is found however it was composed.
 */
function foldText(text: string): string {
  let folded = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = folded;
    folded = decompose(decompose(folded).toUpperCase().toLowerCase());
    // Lower case makes a sigma at the end of a word final; whether one is depends on its neighbours.
    folded = folded.replaceAll("ς", "σ");
    // İ becomes i with a dot, and a Turkish system takes it for i: the dot adds nothing. (ı became I, then i.)
    folded = folded.replace(/i\p{M}+/gu, (marked) => marked.replaceAll("\u0307", ""));
    if (folded === before) break;
  }
  return folded;
}

function decompose(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, "").normalize("NFKD");
}

/** A name of nothing but dots and spaces stays whole: `…` and `．．` are two names. */
function dropTrailing(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === "." || name[end - 1] === " ")) end--;
  return end === 0 ? name : name.slice(0, end);
}
