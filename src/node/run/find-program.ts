/**
 * Finds the program of a command as execvp(3) does, for a command that another program starts: that one's own message would not
 * distinguish a missing program from a program that ends with 127.
 *
 * @module
 */

import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { ok, type Result } from "../../core/internal.ts";
import { errnoOf, reasonOf } from "../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import type { Environment } from "../system/runtime/user-home.ts";

/** Where execvp searches if PATH is unset. */
const DEFAULT_PATH = "/bin:/usr/bin";

/** Errnos of a place that has no such program: the search goes on. */
const ABSENT = ["ENOENT", "ENOTDIR"];

/**
 * Finds the program of that name: along PATH, or from `cwd` if the name has a slash. Gives its path. Fails with COMMAND_NOT_FOUND, or
 * with COMMAND_NOT_EXECUTABLE if each program of that name may not be executed by this user.
 */
export function findProgram(
  name: string,
  { cwd, environment }: { readonly cwd: string; readonly environment: Environment },
): Result<string, OperationFault> {
  if (name === "") return operationFault("COMMAND_NOT_FOUND", { path: name });
  const folders = name.includes("/") ? [""] : (environment["PATH"] ?? DEFAULT_PATH).split(":");
  let refused: OperationFault | undefined;
  for (const folder of folders) {
    const path = resolve(cwd, folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return ok(path);
      refused ??= operationFault("COMMAND_NOT_EXECUTABLE", { path: name, reason: "no-permission" });
    } catch (thrown) {
      const reason = reasonOf(thrown);
      if (!ABSENT.includes(errnoOf(thrown) ?? ""))
        refused ??= operationFault("COMMAND_NOT_EXECUTABLE", { path: name, reason });
    }
  }
  return refused ?? operationFault("COMMAND_NOT_FOUND", { path: name });
}
