/**
 * The key that shows which journals this user wrote on this machine (PROTOCOL 11.1, decided 13.9):
 *
 *     $XDG_STATE_HOME/runseal/journal/key     else below ~/.local/state
 *
 * Exactly 32 random bytes. The key counts only as a regular file with mode 0600 that belongs to the effective user, in a
 * folder of the same user that no other user may write.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { dirname, isAbsolute } from "node:path";
import {
  type MachineReason,
  ok,
  type RestoreFault,
  type RestorePhase,
  type Result,
  restoreFault,
} from "../../../../core/internal.ts";
import { fillRandom, SecretBytes } from "../../../keys/secret-bytes.ts";
import { AnchoredDir, isOursAlone } from "../../../system/files/anchored-dir.ts";
import { type FileSystem, OPEN_NAMED_FOLDER, OPEN_SOURCE } from "../../../system/files/file-system.ts";
import { openOrMakeFolders } from "../../../system/files/make-folders.ts";
import { PlacedFile } from "../../../system/files/placed-file.ts";
import { showsPermissions } from "../../../system/files/shared-above.ts";
import { errnoOf, reasonOf, tolerate } from "../../../system/runtime/machine-reason.ts";
import {
  type Environment,
  stateFolderOf,
  type UserFolder,
  unusableVariable,
} from "../../../system/runtime/user-home.ts";
import { checkDescriptors } from "./enough-descriptors.ts";

const KIND = "journal";
const NAME = "key";
const KEY_BYTES = 32;

/** The file of a process that was killed while it made the key. */
const LEFT = /^key\.[0-9a-f-]{36}\.new$/;

/** What is in the key's place: the key, nothing, or a file that does not count as the key. */
type Found = SecretBytes | "absent" | "unfit";

/** The key of one user, held in secret memory from its first use until it is disposed of. */
export class JournalKeys implements Disposable {
  readonly #environment: Environment;
  readonly #fs: FileSystem;
  #key: SecretBytes | undefined;

  constructor(environment: Environment, fs: FileSystem) {
    this.#environment = environment;
    this.#fs = fs;
  }

  /**
   * Reads the key; `undefined` where no valid key exists: then no journal is this user's. Makes nothing. Fails with
   * RESTORE_STATE_UNAVAILABLE where the system refuses to read it.
   */
  read(): Result<SecretBytes | undefined, RestoreFault> {
    return this.#reach("PREFLIGHT", ({ path }) => {
      using folder = openFolder(path, this.#fs);
      if (folder === undefined) return ok(undefined);
      const found = isOursAlone(this.#fs.fstatSync(folder.fd)) ? this.#recall(folder) : "unfit";
      return ok(typeof found === "string" ? undefined : found);
    });
  }

  /**
   * Reads the key, or makes it, for a journal that is about to be written. The key is durable before the journal uses it. Fails with
   * RESTORE_TOO_FEW_DESCRIPTORS for the transaction that is to come, and with RESTORE_STATE_UNAVAILABLE; nothing but the state folder was touched.
   */
  obtain(): Result<SecretBytes, RestoreFault> {
    const short = checkDescriptors("EXECUTE");
    if (short !== undefined) return short;
    return this.#reach("EXECUTE", (place) => {
      using folder = openOrMakeFolders(place.path, 0o700, [], this.#fs);
      if (!isOursAlone(this.#fs.fstatSync(folder.fd))) return unavailable("EXECUTE", place, "not-private");
      if (this.#recall(folder) === "absent") makeKey(folder, place.path, this.#fs);
      const key = this.#recall(folder);
      if (typeof key === "string") return unavailable("EXECUTE", place, "not-private");
      sweep(folder);
      // [key-name] The process that gave the key its name may have been killed before the name was durable.
      this.#fs.fsyncSync(folder.fd);
      return ok(key);
    });
  }

  [Symbol.dispose](): void {
    this.#key?.dispose();
    this.#key = undefined;
  }

  #recall(folder: AnchoredDir): Found {
    if (this.#key !== undefined) return this.#key;
    const found = readKey(folder, this.#fs);
    if (typeof found !== "string") this.#key = found;
    return found;
  }

  /** The variable that names the folder, if it is set to something that is not an absolute path. */
  #wrongVariable(): string | undefined {
    const variable = unusableVariable(this.#environment, "XDG_STATE_HOME");
    return variable === undefined || this.#environment[variable] === undefined ? undefined : variable;
  }

  #reach<Value>(
    phase: RestorePhase,
    work: (place: UserFolder) => Result<Value, RestoreFault>,
  ): Result<Value, RestoreFault> {
    let place: UserFolder = { path: "", shown: `runseal/${KIND}` };
    try {
      // Without HOME, the system's list of users gives the folder. A HOME that is empty or relative is a mistake.
      place = stateFolderOf(this.#environment, KIND);
      const wrong = this.#wrongVariable();
      // A relative XDG_STATE_HOME is ignored elsewhere, so `place` is below HOME: that key is not at fault.
      if (wrong === "XDG_STATE_HOME") place = { ...place, shown: `$XDG_STATE_HOME/runseal/${KIND}` };
      const isUsable = isAbsolute(place.path) && wrong === undefined;
      return isUsable ? work(place) : unavailable(phase, place, "other");
    } catch (thrown) {
      const reason = reasonOf(thrown);
      return unavailable(phase, place, reason);
    }
  }
}

function unavailable(phase: RestorePhase, { shown }: UserFolder, reason: MachineReason): RestoreFault {
  return restoreFault(phase, "RESTORE_STATE_UNAVAILABLE", { path: `${shown}/${NAME}`, reason });
}

function openFolder(path: string, fs: FileSystem): AnchoredDir | undefined {
  try {
    return AnchoredDir.open(path, fs);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT" || errnoOf(thrown) === "ENOTDIR") return undefined;
    throw thrown;
  }
}

function readKey(folder: AnchoredDir, fs: FileSystem): Found {
  let fd: number;
  try {
    fd = folder.open(NAME, OPEN_SOURCE);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT") return "absent";
    // A link, or a socket.
    if (errno === "ELOOP" || errno === "ENXIO") return "unfit";
    throw thrown;
  }
  try {
    const stats = fs.fstatSync(fd);
    const isPrivate = !showsPermissions() || (stats.mode & 0o7777) === 0o600;
    const isFit = stats.isFile() && isOursAlone(stats) && isPrivate;
    return isFit && stats.size === KEY_BYTES ? readInto(new SecretBytes(KEY_BYTES), fd, fs) : "unfit";
  } finally {
    fs.closeSync(fd);
  }
}

function readInto(secret: SecretBytes, fd: number, fs: FileSystem): Found {
  let isWhole = false;
  try {
    isWhole = secret.use((bytes) => fs.readSync(fd, bytes, 0, KEY_BYTES, 0) === KEY_BYTES);
    return isWhole ? secret : "unfit";
  } finally {
    if (!isWhole) secret.dispose();
  }
}

/** Makes the key, whole and durable before it has its name. If another process was quicker, its key is the key. */
function makeKey(folder: AnchoredDir, path: string, fs: FileSystem): void {
  const address = folder.address(`${NAME}.${randomUUID()}.new`);
  using file = new PlacedFile(address, fs);
  using fresh = new SecretBytes(KEY_BYTES);
  fillRandom(fresh);
  fresh.use((bytes) => file.add(bytes));
  // [key-file]
  file.sync(0o600);
  syncAbove(path, fs);
  // ENOENT: a process that found a key already swept this one.
  // By link(2) alone: without hard links a second key could take the place of the first, which a journal was written with.
  tolerate(["EEXIST", "ENOENT"], () => fs.linkSync(address, folder.address(NAME)));
}

/** Makes the names of the folders on the way to the key durable, as far up as they belong to this user. */
function syncAbove(path: string, fs: FileSystem): void {
  let below = fs.lstatSync(path);
  for (let above = dirname(path); ; above = dirname(above)) {
    const fd = fs.openSync(above, OPEN_NAMED_FOLDER);
    try {
      const stats = fs.fstatSync(fd);
      if (stats.uid !== process.geteuid?.() || stats.dev !== below.dev) return;
      // [key-folders]
      fs.fsyncSync(fd);
      below = stats;
    } finally {
      fs.closeSync(fd);
    }
    if (above === dirname(above)) return;
  }
}

/** Removes files left by processes that made a key. They are not overwritten: one may be a second name of the key. */
function sweep(folder: AnchoredDir): void {
  for (const name of folder.names()) {
    if (LEFT.test(name)) tolerate(["ENOENT"], () => folder.unlink(name));
  }
}
