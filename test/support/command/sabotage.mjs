/**
 * Makes one call of node:fs throw, with everything in the exception that must not get out. Loaded before the program
 * (`node --import`), it reads SABOTAGE, which is `function:nth:kind`, and SABOTAGE_TEXT. Only calls made by runseal's own
 * code count. Kind `bug` is an unexpected exception, any other is the errno of a system error.
 */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { SABOTAGE, SABOTAGE_TEXT = "" } = process.env;
if (SABOTAGE !== undefined) sabotage(SABOTAGE, SABOTAGE_TEXT, () => true);

/**
 * Does so until the function that it gives is called. `concerns` says of a call whether it is one of the program's.
 *
 * @param {string} spec
 * @param {string} text
 * @param {() => boolean} concerns
 * @returns {() => void}
 */
export function sabotage(spec, text, concerns) {
  const [name = "", nth, kind] = spec.split(":");
  const original = Reflect.get(fs, name);
  let calls = 0;
  const replace = (called) => {
    Reflect.set(fs, name, called);
    syncBuiltinESMExports();
  };
  replace((...args) => {
    const { stack = "" } = new Error("whose call is it?");
    // libsodium is loaded before anything is done. The library has its files as they are, the command one bundle of them.
    const [callers = "", ours] = stack.split(/\/dist\/(?:cli\/bundle|node)\//, 2);
    // What Node reads to load one of the files is Node's own call.
    const isOurs =
      ours !== undefined && !callers.includes("node:internal/modules") && !stack.includes("loadSodium");
    if (!isOurs || !concerns() || ++calls !== Number(nth)) return original(...args);
    const message = `${text} while ${name} ${args.filter((arg) => typeof arg === "string")}`;
    const error = new Error(kind === "bug" ? message : `${kind}: ${message}`);
    if (kind !== "bug") Object.assign(error, { code: kind, syscall: name, path: `/${text}` });
    throw error;
  });
  return () => replace(original);
}
