/**
 * Makes of this test file's process one that can't hold folders by descriptor, as on macOS or on a Linux without /proc: in the
 * sources and in the compiled modules. Import it first: the choice is made once.
 *
 * Restores that are cut off here are simulated in this process, which lives on. So the number that they leave as theirs is that
 * of no process.
 *
 * @module
 */

import { canAnchor } from "../../src/node/files/anchored-dir.ts";

/** Above the highest number that Linux gives. */
const NO_PROCESS = 4_194_305;

const compiled = new URL("../../dist/node/files/anchored-dir.js", import.meta.url).href;
const other = (await import(compiled)) as { readonly canAnchor: () => boolean };

const { platform } = process;
Object.defineProperty(process, "platform", { value: "darwin" });
const isAnchored = canAnchor() || other.canAnchor();
Object.defineProperty(process, "platform", { value: platform });
if (isAnchored) throw new Error("folders are still held by descriptor");
Object.defineProperty(process, "pid", { value: NO_PROCESS });
