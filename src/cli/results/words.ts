/** Texts and numbers that results of `--json` have. @module */

/**
 * 64 lowercase hex characters.
 * @pattern `^[0-9a-f]{64}$`
 */
export type Sha256 = string;

/**
 * A number of something, from 0.
 * @integer
 * @minimum 0
 */
export type Count = number;

/**
 * A number of something, from 1.
 * @integer
 * @minimum 1
 */
export type Ordinal = number;

/**
 * A code of docs/codes.md.
 * @pattern `^[A-Z][A-Z0-9_]*$`
 */
export type Code = string;

/**
 * The reason of a `TIMESTAMP_INVALID`.
 * @pattern `^[a-z-]+$`
 */
export type Flaw = string;

/**
 * A case of a code.
 * @pattern `^[a-z0-9-]+$`
 */
export type CodeReason = string;

/**
 * RFC 3339, in UTC.
 * @pattern `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$`
 */
export type Moment = string;

/**
 * The beginning of the validator id.
 * @pattern `^[0-9a-f]{8}$`
 */
export type KeyId = string;

/**
 * As OpenSSH prints it.
 * @pattern `^SHA256:[A-Za-z0-9+/]{43}$`
 */
export type Fingerprint = string;

/**
 * The reference of the run's manifest, by its digest.
 * @pattern `@sha256:[0-9a-f]{64}$`
 */
export type PinnedReference = string;

/** The id of a run. */
export type RunId = string;

/** A path as the bundle has it. */
export type Path = string;

/** Where outputs were read; `null` if they were not. */
export type OutputSource = "root" | "store" | "archive" | "registry";

/** What lies at a path. */
export type EntryKind = "file" | "link" | "folder" | "fifo" | "socket" | "device";
