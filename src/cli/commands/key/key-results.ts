/** What the commands on keys print with `--json`. @module */

import type { Fingerprint, Sha256 } from "../../results/words.ts";

/**
 * @result init
 * @result key new
 * @result key import
 */
export interface MadeKeyResult {
  /** The key's name. */
  readonly name: string;
  /** The 32 bytes of the public key, in hex. */
  readonly public_key: Sha256;
  /** The private key's file. */
  readonly key_file: string;
  /** The public key's file. */
  readonly public_file: string;
  /** The trust file, which has a line for the key now. */
  readonly trust_file: string;
  /** Whether the private key has a passphrase. */
  readonly encrypted: boolean;
  /** Whether the private key existed before, and only its missing parts were written. */
  readonly finished: boolean;
}

/** @result key show */
export interface KeyFacts {
  /** The key's name. */
  readonly name: string;
  /** The beginning of the validator id. */
  readonly key_id: string;
  /** SHA-256 of the public key. */
  readonly validator_id: Sha256;
  /** `SHA256:…`, as OpenSSH prints it. */
  readonly fingerprint: Fingerprint;
  /** The 32 bytes of the public key, in hex. */
  readonly public_key: Sha256;
  /** The private key's file. */
  readonly key_file: string;
  /** Whether it has a passphrase; `null` if the file can't be read. */
  readonly encrypted: boolean | null;
  /** The line for a trust file. */
  readonly trust_line: string;
}

/** @result key list */
export interface KeyListResult {
  /** The keys, as of `key show`. */
  readonly keys: readonly KeyFacts[];
  /** The name of the key that signs by default, or `null`. */
  readonly default_key: string | null;
  /** Names of private keys without a public file. */
  readonly unfinished: readonly string[];
  /** Names of plain keys whose public file is that of another key. */
  readonly mismatched: readonly string[];
  /** Names of files in the folder of keys that are not a key's. */
  readonly leftovers: readonly string[];
}

/** @result key passwd */
export interface KeyPasswdResult {
  /** The key's name. */
  readonly name: string;
  /** The private key's file. */
  readonly key_file: string;
  /** Whether it has a passphrase now. */
  readonly encrypted: boolean;
}

/**
 * @result key default
 * @result key rm
 */
export interface NamedKeyResult {
  /** The key that signs by default; of `key rm`, the removed one. */
  readonly name: string;
}

/** With `--format`, the public key is in the member of that name. @result key export */
export interface KeyExportResult {
  /** The key's name. */
  readonly name: string;
  /** Of a private key: whether it has a passphrase. */
  readonly encrypted?: boolean;
  /** Of a private key: the file that was written; `null` for stdout. */
  readonly key_file?: string | null;
  /** With `--format runseal`: the line for a trust file. */
  readonly runseal?: string;
  /** With `--format openssh`. */
  readonly openssh?: string;
  /** With `--format pem`. */
  readonly pem?: string;
  /** With `--format minisign`. */
  readonly minisign?: string;
  /** With `--format signify`. */
  readonly signify?: string;
  /** With `--format allowed-signers`. */
  readonly allowed_signers?: string;
}
