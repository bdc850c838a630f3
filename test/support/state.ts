/**
 * A state folder for the tests of one file: no test writes into the real home.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { afterAll } from "vitest";
import { makeFolder, removeTree } from "./tree.ts";

const folder = makeFolder(existsSync("/dev/shm") ? "/dev/shm" : undefined);

afterAll(() => removeTree(folder));

/** The environment of a user whose state folder this is. */
export const STATE: Readonly<Record<string, string>> = { XDG_STATE_HOME: folder };
