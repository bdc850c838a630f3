/**
 * A JSON object of many members whose values are all texts, as a manifest is: its keys and values are left where they stand
 * in the document, and cut out when they are asked for. A `Map` of a million of them takes a hundred megabytes more.
 *
 * @module
 */

import { codePointRank } from "../bytes/utf8.ts";
import { TextMembers } from "./text-members.ts";

/** Offsets kept of each member: where its key begins and ends, and where its value does. */
const OFFSETS = 4;

/** Members from which on leaving them where they are pays. */
const MANY_MEMBERS = 1024;

/** Members of a JSON object, in the order of their keys' UTF-8 bytes, none of which needs an escape in JSON. */
export class TextObject extends TextMembers {
  override readonly size: number;
  /** The whole document. */
  readonly text: string;
  readonly #offsets: Uint32Array;
  readonly #start: number;
  readonly #end: number;

  /** Of a document, four offsets a member, and where the object's brackets begin and end. Only a `TextObjectScanner` knows them. */
  constructor(text: string, offsets: Uint32Array, start: number, end: number) {
    super();
    this.text = text;
    this.size = offsets.length / OFFSETS;
    this.#offsets = offsets;
    this.#start = start;
    this.#end = end;
  }

  override keyAt(index: number): string {
    return this.text.slice(this.#offset(index, 0), this.#offset(index, 1));
  }

  override valueAt(index: number): string {
    return this.text.slice(this.valueStart(index), this.valueEnd(index));
  }

  /** Where in the document the value of a member begins. */
  valueStart(index: number): number {
    return this.#offset(index, 2);
  }

  /** Where in the document the value of a member ends. */
  valueEnd(index: number): number {
    return this.#offset(index, 3);
  }

  /**
   * Where in the document the object stands, where it stands in its canonical form (PROTOCOL 4.2): the keys are in order and
   * nothing needs an escape, so that only white space is to be ruled out. Its length tells.
   */
  get canonicalPlace(): { readonly start: number; readonly end: number } | undefined {
    // Of each member four quotes, a colon and a comma, which the last has not; of the object two brackets.
    let length = 6 * this.size + 1;
    for (let at = 0; at < this.#offsets.length; at += 2) {
      length += (this.#offsets[at + 1] ?? 0) - (this.#offsets[at] ?? 0);
    }
    const [start, end] = [this.#start, this.#end];
    return length === end - start ? { start, end } : undefined;
  }

  /** Whether a key begins with the whole of the one before it, and so perhaps with keys before that. */
  get hasKeyWithinAnother(): boolean {
    const { text } = this;
    for (let index = 1; index < this.size; index++) {
      const before = this.#offset(index - 1, 0);
      const length = this.#offset(index - 1, 1) - before;
      const start = this.#offset(index, 0);
      if (this.#offset(index, 1) - start <= length) continue;
      // From behind: keys that follow each other mostly differ in their ends.
      let place = length - 1;
      while (place >= 0 && text.charCodeAt(before + place) === text.charCodeAt(start + place)) place--;
      if (place < 0) return true;
    }
    return false;
  }

  #offset(index: number, which: number): number {
    return this.#offsets[index * OFFSETS + which] ?? 0;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const CLOSE_BRACE = 0x7d;

/**
 * Finds such objects in a document. It knows no faults: what isn't plainly one, whatever the reason, is left to who reads
 * any JSON. Keys in strict order can't be there twice, so that none need be looked up.
 */
export class TextObjectScanner {
  readonly #text: string;
  /** One for all objects of the document, of which there may be a million. */
  #offsets = new Uint32Array(MANY_MEMBERS * OFFSETS);

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * Reads the object that begins with the bracket at `start`, where it is one of many texts, but of no more than `most`, and
   * says where it ends.
   */
  read(start: number, most: number): { readonly object: TextObject; readonly end: number } | undefined {
    const text = this.#text;
    let count = 0;
    for (let at = start + 1; ; ) {
      const keyStart = startOfText(text, at);
      const keyEnd = endOfPlainText(text, keyStart);
      // What is no such object is left at once: a document may hold a million of those.
      if (keyEnd < 0 || count === most) return undefined;
      const colon = skipSpace(text, keyEnd + 1);
      if (text.charCodeAt(colon) !== COLON) return undefined;
      const valueStart = startOfText(text, colon + 1);
      const valueEnd = endOfPlainText(text, valueStart);
      if (valueEnd < 0 || !this.#isNext(count, keyStart, keyEnd)) return undefined;
      this.#note(count++, keyStart, keyEnd, valueStart, valueEnd);
      at = skipSpace(text, valueEnd + 1) + 1;
      const unit = text.charCodeAt(at - 1);
      if (unit === COMMA) continue;
      if (unit !== CLOSE_BRACE || count < MANY_MEMBERS) return undefined;
      return { object: new TextObject(text, this.#offsets.slice(0, count * OFFSETS), start, at), end: at };
    }
  }

  #note(index: number, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const place = index * OFFSETS;
    if (place === this.#offsets.length) {
      const larger = new Uint32Array(this.#offsets.length * 2);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets[place] = keyStart;
    this.#offsets[place + 1] = keyEnd;
    this.#offsets[place + 2] = valueStart;
    this.#offsets[place + 3] = valueEnd;
  }

  /** Whether a key comes after the one before it, by their UTF-8 bytes. */
  #isNext(index: number, start: number, end: number): boolean {
    if (index === 0) return true;
    const text = this.#text;
    const before = this.#offsets[(index - 1) * OFFSETS] ?? 0;
    const beforeEnd = this.#offsets[(index - 1) * OFFSETS + 1] ?? 0;
    const shorter = Math.min(beforeEnd - before, end - start);
    for (let place = 0; place < shorter; place++) {
      const was = text.charCodeAt(before + place);
      const is = text.charCodeAt(start + place);
      if (was !== is) return codePointRank(was) < codePointRank(is);
    }
    return beforeEnd - before < end - start;
  }
}

/** Where a text begins that may stand behind white space, its quote passed; -1 where there is none. */
function startOfText(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text.charCodeAt(at) === QUOTE ? at + 1 : -1;
}

/** Where the closing quote of a text without escapes stands; -1 where there is no such text. */
function endOfPlainText(text: string, start: number): number {
  if (start < 0) return -1;
  for (let at = start; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at;
    if (unit === BACKSLASH || unit < 0x20) return -1;
  }
  return -1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const unit = text.charCodeAt(at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return at;
    at++;
  }
}
