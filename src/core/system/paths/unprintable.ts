/**
 * The characters of untrusted text that are shown unescaped, in text and in JSON, by Unicode's properties:
 *
 * - the space U+0020, letters (L), numbers (N), punctuation (P) and symbols (S);
 * - nonspacing and spacing marks (Mn, Mc) directly after a letter, at most four of them;
 * - but no character that is default-ignorable or in the list of blanks below.
 *
 * Every other code point is escaped: controls, format characters, other spaces, separators, surrogates, private use,
 * unassigned code points, enclosing marks, and marks without a letter before them. Such a mark is drawn over the
 * character before the text, such as a quotation mark. Many marks in a row are drawn over the lines above.
 *
 * @module
 */

/**
 * Invisible characters that no property names: blanks among the letters and symbols, and marks that only join
 * other characters.
 */
const BLANKS: string = [
  // Braille, a null notehead, Egyptian blanks, a Khitan filler, and the object replacement character.
  String.raw`\u{2800}\u{1d159}\u{13441}\u{13442}\u{16fe4}\u{fffc}`,
  // Joiners of Tifinagh and Brahmi.
  String.raw`\u{2d7f}\u{1107f}`,
  // Invisible stackers, by Unicode's Indic_Syllabic_Category, which regular expressions don't support.
  String.raw`\u{1039}\u{17d2}\u{1a60}\u{1bab}\u{aaf6}\u{10a3f}\u{11133}\u{113d0}\u{1193e}\u{11a47}\u{11a99}\u{11d45}\u{11d97}\u{11f42}`,
].join("");

const UNSEEN = String.raw`\p{Default_Ignorable_Code_Point}${BLANKS}`;

/** Characters that are always escaped. */
const ALONE = String.raw`(?! )[\p{C}\p{Z}\p{Me}${UNSEEN}]`;

/** A visible letter. The last character of an escape such as `\n` or `\u001b` is not a letter of the text. */
const LETTER = String.raw`(?<!\\|\\u[0-9a-f]{3})(?![${UNSEEN}])\p{L}`;

/** A mark without a letter before it, or any mark after the fourth. */
const ASTRAY = String.raw`(?<!${LETTER}(?:(?![\p{Me}${UNSEEN}])\p{M}){0,3})\p{M}`;

let compiled: RegExp | undefined;

/**
 * Matches each character to escape, for `replace` and `search`. It also reads the characters before a match, so
 * apply it to the whole text. Compiled at first use: V8 takes milliseconds, and nearly all texts are ASCII.
 */
export function unprintable(): RegExp {
  compiled ??= new RegExp(`${ALONE}|${ASTRAY}`, "gu");
  return compiled;
}

/** Whether a text is printable ASCII only, which needs no escapes. */
export function isPrintableAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
