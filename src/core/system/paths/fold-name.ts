/**
 * One form for all spellings of a name that some system treats as the same name.
 *
 * @module
 */

// Every text is stable after three rounds. The limit guards against an endless loop.
const MAX_ROUNDS = 8;

/**
 * Folds one component of a path. Two names with one folded form are the same name on some system.
 *
 * Folds more than any one file system does. Removes invisible characters, and trailing dots and spaces as
 * Windows does. Replaces compatibility forms (`ﬁ`, `Ⅷ`, `ａ`) and folds case. Never show the result.
 */
export function foldName(component: string): string {
  return dropTrailing(/^[ -~]*$/.test(component) ? component.toLowerCase() : foldText(component));
}

/**
 * Unicode's NFKC_Casefold without its tables. Maps to upper and then to lower case, because one mapping alone
 * keeps some letters apart: ſ, ß, the Kelvin sign, Cherokee, Cyrillic ᲀ…ᲈ. ẞ becomes ß in the first round and
 * ss in the next. The result is decomposed, so that composed and separate marks are equal.
 */
function foldText(text: string): string {
  let folded = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = folded;
    folded = decompose(decompose(folded).toUpperCase().toLowerCase());
    // toLowerCase writes a final sigma at the end of a word, so the result would depend on the neighbours.
    folded = folded.replaceAll("ς", "σ");
    // İ becomes i with a dot. A Turkish system treats it as i, so the dot is removed. (ı became I, then i.)
    folded = folded.replace(/i\p{M}+/gu, (marked) => marked.replaceAll("\u0307", ""));
    if (folded === before) break;
  }
  return folded;
}

function decompose(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, "").normalize("NFKD");
}

/** Keeps a name of only dots and spaces: `…` and `．．` are two names. */
function dropTrailing(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === "." || name[end - 1] === " ")) end--;
  return end === 0 ? name : name.slice(0, end);
}
