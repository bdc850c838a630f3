/**
 * Loaded before the program (`node --import`): makes one call of node:fs throw, with everything in the exception
 * that must not get out. SABOTAGE is `function:nth:kind`; only calls made by runseal's own code count. Kind `bug` is
 * an unexpected exception, any other is the errno of a system error.
 */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [name, nth, kind] = process.env.SABOTAGE.split(":");
const original = fs[name];
let calls = 0;

fs[name] = (...args) => {
  const { stack } = new Error("whose call is it?");
  // libsodium is loaded before anything is done. The library has its files as they are, the command one bundle of them.
  const [callers, ours] = stack.split(/\/dist\/(?:cli\/bundle|node)\//, 2);
  // What Node reads to load one of the files is Node's own call.
  const isOurs =
    ours !== undefined && !callers.includes("node:internal/modules") && !stack.includes("loadSodium");
  if (!isOurs || ++calls !== Number(nth)) return original(...args);
  const message = `${process.env.SABOTAGE_TEXT} while ${name} ${args.filter((arg) => typeof arg === "string")}`;
  const error = new Error(kind === "bug" ? message : `${kind}: ${message}`);
  if (kind !== "bug")
    Object.assign(error, { code: kind, syscall: name, path: `/${process.env.SABOTAGE_TEXT}` });
  throw error;
};
syncBuiltinESMExports();
