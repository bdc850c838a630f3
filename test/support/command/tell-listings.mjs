/** Loaded before the program (`NODE_OPTIONS=--import …`): prints each folder that it lists to stderr, one a line. */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { opendirSync, readdirSync } = fs;

function tell(list) {
  return (path, ...rest) => {
    process.stderr.write(`listed ${fs.realpathSync(path)}\n`);
    return list(path, ...rest);
  };
}

fs.opendirSync = tell(opendirSync);
fs.readdirSync = tell(readdirSync);
syncBuiltinESMExports();
