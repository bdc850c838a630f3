/** Sentences from our own words. @module */

/** With a capital and a full stop. */
export function sentenceOf(words: string): string {
  const [first = ""] = words;
  return `${first.toUpperCase()}${words.slice(first.length)}.`;
}
