/** The names of what is being made, until it is whole and gets its own name. @module */

import { randomBytes } from "node:crypto";

const PARTIAL = /^\.[0-9a-f]{16}\.partial$/;

/** A name that no other process takes. */
export function makePartialName(): string {
  return `.${randomBytes(8).toString("hex")}.partial`;
}

/** Whether a name is one of these. */
export function isPartialName(name: string): boolean {
  return PARTIAL.test(name);
}
