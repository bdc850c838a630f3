/** Loaded before the program (`node --import`): asynchronous reads of files are never answered, and nothing waits for them. */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

fs.read = () => undefined;
syncBuiltinESMExports();
