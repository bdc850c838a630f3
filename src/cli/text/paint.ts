/** Colour, where the terminal has it. @module */

/** The colours, by their meaning: of words, and of the labels that begin a line. */
const COLOURS = {
  good: "32",
  bad: "31",
  doubtful: "33",
  error: "1;31",
  warning: "1;33",
  note: "1",
  hint: "36",
} as const;

/** The word before the colon of a line. */
export type Label = "error" | "warning" | "note" | "hint";

/** Colours a text of runseal's. A text from outside must be quoted first. */
export function paint(text: string, meaning: keyof typeof COLOURS, colour: boolean): string {
  return colour ? `\u001b[${COLOURS[meaning]}m${text}\u001b[0m` : text;
}

/** The beginning of a line of runseal's own, such as `error: `. */
export function label(word: Label, colour: boolean): string {
  return `${paint(`${word}:`, word, colour)} `;
}

/** Colours the notes that stand between the lines of an answer. */
export function paintNotes(answer: string, colour: boolean): string {
  return colour ? answer.replaceAll(/^note: /gm, label("note", true)) : answer;
}
