/**
 * A process of its own for the parsers of other programs' private keys: they leave copies of what they parse
 * in memory, and here the memory ends with the process.
 *
 * Descriptors: 0 the key file, 3 the passphrase (empty: none), 4 where the seed goes. The exit code says the
 * rest. Nothing is ever printed.
 *
 * @module
 */

import { readFileSync, writeSync } from "node:fs";
import { WORKER_EXIT } from "./parsed-key.ts";
import { parsePemKey } from "./pem-key.ts";

const passphrase = readFileSync(3);
const parsed = parsePemKey(readFileSync(0), passphrase.length === 0 ? undefined : passphrase);
if (parsed.kind === "seed") writeSync(4, parsed.seed);
process.exitCode = WORKER_EXIT[parsed.kind];
