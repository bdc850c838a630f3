/**
 * Makes of this test file's process one that can't hold folders by descriptor, as on macOS or on a Linux without /proc: in the
 * sources and in the compiled modules. Import it first: the choice is made once.
 *
 * @module
 */

import { canAnchor } from "../../../src/node/files/anchored-dir.ts";

const compiled = new URL("../../../dist/node/files/anchored-dir.js", import.meta.url).href;
const other = (await import(compiled)) as { readonly canAnchor: () => boolean };

const { platform } = process;
Object.defineProperty(process, "platform", { value: "darwin" });
const isAnchored = canAnchor() || other.canAnchor();
Object.defineProperty(process, "platform", { value: platform });
if (isAnchored) throw new Error("folders are still held by descriptor");
