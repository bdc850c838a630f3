/**
 * Makes of this test file's process one that can't hold folders by descriptor, as on a Linux without /proc: in the sources and in the
 * compiled modules. Import it first: the choice is made once.
 *
 * @module
 */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { canAnchor } from "../../../src/node/system/files/anchored-dir.ts";

const compiled = new URL("../../../dist/node/system/files/anchored-dir.js", import.meta.url).href;
const other = (await import(compiled)) as { readonly canAnchor: () => boolean };

const { statfsSync } = fs;
fs.statfsSync = (() => ({ type: 0 })) as unknown as typeof statfsSync;
syncBuiltinESMExports();
const isAnchored = canAnchor() || other.canAnchor();
fs.statfsSync = statfsSync;
syncBuiltinESMExports();
if (isAnchored) throw new Error("folders are still held by descriptor");
