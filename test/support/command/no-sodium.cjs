// Preloaded, it makes this platform one for which sodium-native has no build.
const Module = require("node:module");

const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === "sodium-native") throw new Error("no prebuilt binary for this platform");
  return load.call(this, request, ...rest);
};
