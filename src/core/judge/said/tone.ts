/** How something that is said is coloured and begins, in text, report and page alike. @module */

/** `good`: as it should be. `amber`: a person is to look at it. `bad`: rejected. `plain`: nothing was decided. */
export type Tone = "good" | "amber" | "bad" | "plain";

/** A sentence with a capital and a full stop. */
export function sentenceOf(words: string): string {
  const [first = ""] = words;
  return `${first.toUpperCase()}${words.slice(first.length)}.`;
}
