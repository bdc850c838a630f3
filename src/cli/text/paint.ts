/** Colour, where the terminal has it. @module */

/** The colours in use, by what they say. */
const COLOURS = { good: 32, bad: 31, doubtful: 33 } as const;

/** Colours a text of our own. A stranger's is quoted before it comes here. */
export function paint(text: string, meaning: keyof typeof COLOURS, colour: boolean): string {
  return colour ? `\u001b[${COLOURS[meaning]}m${text}\u001b[0m` : text;
}
