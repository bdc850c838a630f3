/** The options that say how to speak to a registry, without what speaks to it. @module */

import { UsageError } from "./usage-error.ts";

/** The options as parsed. */
export interface RegistryOptions {
  readonly username?: string | undefined;
  readonly passwordStdin?: true | undefined;
  readonly plainHttp?: true | undefined;
}

/** These options alone, of many. */
export function registryOptionsOf({ passwordStdin, plainHttp, username }: RegistryOptions): RegistryOptions {
  return { passwordStdin, plainHttp, username };
}

/** The first of these options that was given. */
export function registryFlag(options: RegistryOptions): string | undefined {
  if (options.username !== undefined) return "--username";
  if (options.passwordStdin !== undefined) return "--password-stdin";
  return options.plainHttp === undefined ? undefined : "--plain-http";
}

/** Refuses options that belong to each other and are not all there. Throws usage errors. */
export function checkRegistryOptions({ passwordStdin, username }: RegistryOptions): void {
  if (username !== undefined && passwordStdin !== true)
    throw new UsageError(
      "--username needs --password-stdin: other users could see a password on the command line",
    );
  if (username === undefined && passwordStdin === true)
    throw new UsageError("--password-stdin needs --username");
}
