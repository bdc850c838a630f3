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

/** How wide a text is at a terminal of so many columns, if there is one: longer lines are hard to read. */
export function widthOf(columns: number | undefined): number {
  return Math.min(columns ?? 80, 100);
}

/**
 * Breaks all lines of a text that are longer than `width`, under their words where names stand in columns before them. Lines without
 * an indent are joined to paragraphs before.
 */
export function folded(text: string, width: number): string {
  return foldedLines(text.replaceAll(/(?<=^\S.*)\n(?=\S)/gm, " "), width);
}

/** The same, with each line on its own. */
export function foldedLines(text: string, width: number): string {
  return text.replaceAll(/^.+$/gm, (line) => (line.length <= width ? line : foldLine(line, width)));
}

function foldLine(line: string, width: number): string {
  const margin = line.length - line.trimStart().length;
  const [begin = ""] = /^ *(?:\S+(?: \S+)* {2,})*/.exec(line) ?? [];
  const isNarrow = begin.length > margin && begin.length <= width / 2;
  const indent = isNarrow ? begin.length : margin === 0 ? 0 : margin + 2;
  return wrapped(line.slice(begin.length), width, " ".repeat(indent), begin).trimEnd();
}
