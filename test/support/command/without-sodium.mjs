/** Loaded before the program (`node --import`): a platform for which sodium-native has no build. */

import Module from "node:module";

const load = Module._load;

Module._load = (request, ...rest) => {
  if (request === "sodium-native") throw new Error("no build for this platform");
  return load(request, ...rest);
};
