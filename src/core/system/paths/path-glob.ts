/**
 * Matches a path with a glob pattern that has slashes, component by component. Where a pattern stands after the folders of a
 * path does not depend on the name in the last folder, so `FolderChain` keeps it for the next name.
 *
 * @module
 */

import type { GlobComponents } from "./glob-token.ts";
import { type NameTest, nameTest, TestedName } from "./name-glob.ts";

/**
 * Which components of a pattern may match the next component of a path, one bit for each. The bit after the last component says
 * that the pattern matches what was read.
 */
export type GlobState = Int32Array;

/** One component of a pattern. `**` matches any number of components. */
type Step = NameTest | "any-number";

/** A pattern with slashes. */
export class PathGlob {
  /** Literal components before the others, and the literal start of the component after those. */
  readonly #literals: readonly string[];
  readonly #partial: string;
  readonly #steps: readonly Step[];
  readonly #words: number;

  /**
   * git compares the text before the first wildcard literally, and only the rest as a pattern. So the rest of `foo**` followed by
   * a slash has the same meaning as at the start of a pattern.
   */
  constructor(literal: string, rest: GlobComponents) {
    const literals = literal.split("/");
    this.#partial = literals.pop() ?? "";
    this.#literals = literals;
    this.#steps = rest.map((tokens) => (tokens === "any-number" ? tokens : nameTest(tokens)));
    this.#words = Math.ceil((rest.length + 1) / 32);
  }

  /** The state before the first component of a path. */
  start(): GlobState {
    const state = new Int32Array(this.#words);
    this.#reach(state, 0);
    return state;
  }

  /** The state after the component at an index of a path. */
  next(state: GlobState, index: number, component: TestedName): GlobState {
    const literal = this.#literals[index];
    if (literal !== undefined) return literal === component.text ? state : this.#none();
    const name = this.#afterPartial(index, component);
    if (name === undefined) return this.#none();
    const next = new Int32Array(this.#words);
    // After a later `**` is reached, what an earlier one could still match does not matter.
    const begin = this.#lastAnyNumber(state);
    for (let word = begin >>> 5; word < state.length; word++) {
      for (
        let bits = (state[word] ?? 0) & (word === begin >>> 5 ? -1 << (begin & 31) : -1);
        bits !== 0;
        bits &= bits - 1
      ) {
        const step = word * 32 + 31 - Math.clz32(bits & -bits);
        const test = this.#steps[step];
        if (test === "any-number") this.#reach(next, step);
        else if (test?.(name)) this.#reach(next, step + 1);
      }
    }
    return isEqual(state, next) ? state : next;
  }

  /**
   * Whether the pattern matches a path whose last component is at an index. Asks for the state after the folders only if that
   * component does not exclude a match.
   */
  matches(component: TestedName, index: number, afterFolders: () => GlobState): boolean {
    if (index < this.#literals.length) return false;
    const last = this.#steps.length - 1;
    const test = this.#steps[last];
    if (index === this.#literals.length || test === "any-number" || test === undefined)
      return has(this.next(afterFolders(), index, component), this.#steps.length);
    return test(component) && has(afterFolders(), last);
  }

  /** The component without the literal start that the first component of the pattern has. */
  #afterPartial(index: number, component: TestedName): TestedName | undefined {
    if (index !== this.#literals.length || this.#partial === "") return component;
    if (!component.text.startsWith(this.#partial)) return undefined;
    return new TestedName(component.text.slice(this.#partial.length));
  }

  /** Notes that the pattern has come to a step, and past it if the step may match nothing. */
  #reach(state: GlobState, step: number): void {
    let at = step;
    put(state, at);
    while (this.#steps[at] === "any-number") put(state, ++at);
  }

  #lastAnyNumber(state: GlobState): number {
    for (let step = this.#steps.length - 1; step > 0; step--)
      if (this.#steps[step] === "any-number" && has(state, step)) return step;
    return 0;
  }

  #none(): GlobState {
    return new Int32Array(this.#words);
  }
}

function has(state: GlobState, bit: number): boolean {
  return (((state[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

function put(state: GlobState, bit: number): void {
  state[bit >>> 5] = (state[bit >>> 5] ?? 0) | (1 << (bit & 31));
}

function isEqual(left: GlobState, right: GlobState): boolean {
  return left.every((word, at) => word === right[at]);
}
