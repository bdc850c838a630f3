/** Whether a key of the user's could sign, without opening it further than its permissions. @module */

import type { OperationCode } from "../system/runtime/operation-fault.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import { withKeyFile } from "./key-file.ts";
import { placesOf } from "./key-store.ts";

/** Why runseal refuses the private key of that name; undefined if nothing is wrong with its file. The codes are those of `withKeyFile`. */
export function refusalOfKey(environment: Environment, name: string): OperationCode | undefined {
  const { keyFile, shownFile } = placesOf(environment, name);
  const usable = withKeyFile(keyFile, shownFile, "form", () => ({
    ok: true,
    value: undefined,
  }));
  return usable.ok ? undefined : usable.code;
}
