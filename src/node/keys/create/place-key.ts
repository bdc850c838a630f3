/**
 * Putting the three parts of a key in place: the private key, its public file, its trust line. Everything is staged
 * first; the order of the names is explained in `create-key.ts`.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { ok, type Result, toHex } from "../../../core/internal.ts";
import { makePrivateFolders } from "../../system/files/make-folders.ts";
import { FileEdit, type FileVersion } from "../../system/locks/file-edit.ts";
import { attempt, errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { shownFolder } from "../../system/runtime/user-home.ts";
import { placesOf, type StoredKey, trustLine } from "../key-store.ts";
import type { SecretBytes } from "../secret-bytes.ts";
import { SecretKeySigner } from "../secret-key-signer.ts";
import {
  editTrustFile,
  placeOfTrustFile,
  signerLine,
  type TrustEditFault,
  type TrustFileEdit,
} from "../trust/edit-trust-file.ts";
import { type KeyProtection, stageKey } from "../write-key-file.ts";

const PUBLIC_MODE = 0o644;

/** What was made. */
export interface MadeKey extends StoredKey {
  readonly trustFile: string;
  readonly isEncrypted: boolean;
  /** Whether the private key was there before, and only its missing parts were made. */
  readonly isFinished: boolean;
}

/** The private key file that is to be written. */
export interface PrivateKeyFile extends KeyProtection {
  /** Replaces an older key for good. */
  readonly replace: boolean;
}

/** Which parts are to be put in place. */
export interface KeyPlacement {
  readonly environment: Environment;
  readonly name: string;
  readonly seed: SecretBytes;
  readonly isEncrypted: boolean;
  /** Undefined if the private key is in its place already. */
  readonly privateKey: PrivateKeyFile | undefined;
  /** The version of the private key file whose seed this is, if the private key is in its place already. */
  readonly version?: FileVersion | undefined;
  /** Ends a wait for the lock of a file. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Puts a key in place, durably. After a failure nothing of a new key is left. An older key that was to be replaced is
 * still whole, or the fault is KEY_FILE_UNUSABLE. Fails with KEY_EXISTS, LOCKED, CHANGED_WHILE_READ, WRITE_FAILED, IN_DOUBT,
 * SYSTEM_UNSUPPORTED or a code of the trust file. Throws an Interruption while it waits for a lock.
 */
export async function placeKey(placement: KeyPlacement): Promise<Result<MadeKey, TrustEditFault>> {
  const { environment, name, signal } = placement;
  const { keyFile, shownFile } = placesOf(environment, name);
  try {
    makePrivateFolders(dirname(keyFile));
    const opened = await FileEdit.open(keyFile, shownFile, signal);
    if (!opened.ok) return opened;
    using key = opened.value;
    const isThere = key.isThere();
    if (isThere && placement.privateKey?.replace === false)
      return operationFault("KEY_EXISTS", { path: shownFile });
    if (placement.privateKey === undefined && !key.expect(placement.version))
      return operationFault("CHANGED_WHILE_READ", { path: shownFile });
    const trustFile = placeOfTrustFile(undefined, environment);
    return await editTrustFile(trustFile, { environment, signal }, (trust) =>
      new KeyParts(placement, key, trust, isThere).put(),
    );
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: shownFolder(environment), reason: reasonOf(thrown) });
  }
}

/** The parts of one key, with the locks of its private key file and of the trust file held. */
class KeyParts {
  readonly #placement: KeyPlacement;
  readonly #key: FileEdit;
  readonly #trust: TrustFileEdit;
  readonly #made: MadeKey;
  readonly #publicName: string;
  /** Whether an older private key is in the place. */
  readonly #isThere: boolean;
  #isAside = false;
  #isPrivatePlaced = false;
  #isPublicPlaced = false;

  constructor(placement: KeyPlacement, key: FileEdit, trust: TrustFileEdit, isThere: boolean) {
    this.#placement = placement;
    this.#key = key;
    this.#trust = trust;
    this.#isThere = isThere;
    const { environment, isEncrypted, name, privateKey, seed } = placement;
    using signer = new SecretKeySigner(seed);
    const places = placesOf(environment, name);
    this.#publicName = basename(places.publicFile);
    this.#made = {
      name,
      publicKeyHex: toHex(signer.publicKey()),
      ...places,
      trustFile: placeOfTrustFile(undefined, environment).address,
      isEncrypted,
      isFinished: privateKey === undefined,
    };
  }

  /** Stages all parts, then places them. */
  put(): Result<MadeKey, TrustEditFault> {
    let fault: TrustEditFault | undefined;
    try {
      const placed = this.#stageAndPlace();
      if (placed.ok) return ok(this.#made);
      // All parts are in place: to take them back would leave less than is there.
      if (placed.code === "IN_DOUBT") return placed;
      fault = placed;
    } catch (thrown) {
      const reason = reasonOf(thrown);
      const { shownFile } = this.#made;
      const isTaken = errnoOf(thrown) === "EEXIST" && !this.#isPrivatePlaced;
      fault = isTaken
        ? operationFault("KEY_EXISTS", { path: shownFile })
        : operationFault("WRITE_FAILED", { path: shownFolder(this.#placement.environment), reason });
    }
    return this.#isUndone()
      ? fault
      : operationFault("KEY_FILE_UNUSABLE", { reason: "unfinished", path: this.#made.shownFile });
  }

  #stageAndPlace(): Result<undefined, TrustEditFault> {
    const staged = this.#stage();
    if (!staged.ok) return staged;
    if (this.#placement.privateKey !== undefined) {
      const placed = this.#placePrivate(this.#placement.privateKey);
      if (!placed.ok) return placed;
    }
    this.#key.placeCompanion(this.#publicName);
    this.#isPublicPlaced = true;
    if (!this.#key.sync()) return this.#notConfirmed();
    return staged.value === "line" ? this.#trust.commit() : ok(undefined);
  }

  #stage(): Result<"line" | "no-line", TrustEditFault> {
    const { name, privateKey, seed } = this.#placement;
    const { publicKeyHex } = this.#made;
    const line = trustLine(name, publicKeyHex);
    const isListed = this.#trust.file.lines.some((listed) => listed.publicKeyHex === publicKeyHex);
    if (!isListed) {
      const staged = this.#trust.stageLine(signerLine(line, publicKeyHex));
      if (!staged.ok) return staged;
    }
    if (privateKey !== undefined) {
      const staged = stageKey(this.#key, seed, privateKey);
      if (!staged.ok) return staged;
    }
    this.#key.stageCompanion(Buffer.from(`${line}\n`), { mode: PUBLIC_MODE });
    return ok(isListed ? "no-line" : "line");
  }

  #placePrivate({ replace }: PrivateKeyFile): Result<undefined, TrustEditFault> {
    if (replace) {
      // A key without a public file is known to be unfinished, so the older public file goes first.
      this.#isAside = this.#key.setAside(this.#publicName);
      if (!this.#key.sync()) return this.#notConfirmed();
    }
    if (!this.#isThere) this.#key.placeNew();
    else if (!this.#key.place()) return operationFault("CHANGED_WHILE_READ", { path: this.#made.shownFile });
    this.#isPrivatePlaced = true;
    return this.#key.sync() ? ok(undefined) : this.#notConfirmed();
  }

  /** Before all parts are in place, a disk that does not confirm one is a failure: what was placed is taken back. */
  #notConfirmed(): TrustEditFault {
    const path = shownFolder(this.#placement.environment);
    return operationFault("WRITE_FAILED", { path, reason: "input-output" });
  }

  /** Takes back what was placed. Gives whether everything is as before: not after an older private key was replaced. */
  #isUndone(): boolean {
    const { folder } = this.#key;
    if (this.#isPrivatePlaced) {
      if (this.#isThere) return false;
      const isGone = attempt(() => {
        if (this.#isPublicPlaced) folder.unlink(this.#publicName);
        folder.unlink(basename(this.#made.keyFile));
      });
      if (!isGone) return false;
    }
    return !this.#isAside || attempt(() => this.#key.bringBack(this.#publicName));
  }
}
