/**
 * What a program that runseal starts does not get: passphrases, in variables and by descriptor.
 *
 * @module
 */

import { closeSync, readFileSync } from "node:fs";
import { machineReason } from "../../system/runtime/machine-reason.ts";
import type { Environment } from "../../system/runtime/user-home.ts";

/** Every variable that gives a passphrase, or names the place of one. */
const PASSPHRASE = /^RUNSEAL_(?:NEW_)?PASSPHRASE(?:_|$)/;

/** Variables that name a descriptor with a passphrase. */
const DESCRIPTORS = ["RUNSEAL_PASSPHRASE_FD", "RUNSEAL_NEW_PASSPHRASE_FD"];

/** The flag of a descriptor that a child does not inherit. */
const O_CLOEXEC = 0o2000000;

/** An environment without passphrases and without the names of their places. */
export function withoutPassphrases(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !PASSPHRASE.test(name)));
}

/** The numbers of the descriptors from which an environment has passphrases read. */
export function passphraseDescriptors(environment: Environment): readonly number[] {
  return DESCRIPTORS.map((name) => environment[name] ?? "")
    .filter((text) => /^[0-9]{1,9}$/.test(text))
    .map(Number);
}

/**
 * Closes the descriptors of passphrases that a child would inherit, but for stdin, stdout and stderr. Node keeps those up to 16 from
 * children. Call it where no passphrase is read any more.
 */
export function closePassphraseDescriptors(environment: Environment): void {
  for (const fd of passphraseDescriptors(environment)) if (fd > 2 && isInherited(fd)) closeSync(fd);
}

/** Never true for a descriptor that Node opened itself: a wrong number in a variable closes nothing of ours. */
function isInherited(fd: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${fd}`, "latin1");
    const flags = /^flags:\s*([0-7]+)$/m.exec(info)?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  }
}
