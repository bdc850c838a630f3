/** Text in lines of a width. @module */

/**
 * Breaks a text at its blanks into lines of at most `width` characters. `indent` begins each line but the first, and `first` that
 * one. A longer word has its own line.
 */
export function wrapped(text: string, width: number, indent: string, first: string): string {
  const [head = "", ...words] = text.split(" ");
  const lines = [`${first}${head}`];
  for (const word of words) {
    const last = lines.at(-1) ?? "";
    if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}
