/** Colour, where the terminal has it. @module */

/** The colours, by their meaning. */
const COLOURS = { good: 32, bad: 31, doubtful: 33 } as const;

/** Colours a text of runseal's. A text from outside must be quoted first. */
export function paint(text: string, meaning: keyof typeof COLOURS, colour: boolean): string {
  return colour ? `\u001b[${COLOURS[meaning]}m${text}\u001b[0m` : text;
}
