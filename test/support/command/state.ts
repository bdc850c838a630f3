/**
 * A state folder for the tests of one process: no test writes into the real home.
 *
 * @module
 */

import { makeFolder } from "../files/tree.ts";

/** The environment of a user whose state folder this is. It is removed after the last test file (seeds.ts). */
export const STATE: Readonly<Record<string, string>> = {
  XDG_STATE_HOME: makeFolder(process.env["RUNSEAL_TEST_FOLDER"]),
};
