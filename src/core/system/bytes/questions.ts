/**
 * Questions of synchronous code to a platform that answers asynchronously, as WebCrypto does.
 *
 * @module
 */

/** Questions that are open. Answers are kept by those who ask. */
export class Questions {
  #open: (() => Promise<void>)[] = [];

  /** Recalls the answer of a name. Without one, it is `undefined`, and `settle` asks for it. */
  recall<Answer extends NonNullable<unknown>>(
    answers: Map<string, Answer>,
    name: string,
    ask: () => Promise<Answer>,
  ): Answer | undefined {
    const answer = answers.get(name);
    if (answer === undefined)
      this.#open.push(async () => {
        answers.set(name, await ask());
      });
    return answer;
  }

  /**
   * Runs a synchronous part, answers the questions that it asked, and runs it again with the answers, until it asks none. The part must
   * be pure, and ask a bounded number of questions.
   */
  async settle<Value>(part: () => Value): Promise<Value> {
    for (;;) {
      this.#open = [];
      const value = part();
      const asked = this.#open;
      if (asked.length === 0) return value;
      await Promise.all(asked.map((ask) => ask()));
    }
  }
}
