/**
 * What a verdict tells besides its code (PROTOCOL 8).
 *
 * @module
 */

/**
 * The protocol's facts about a failure, and nothing else: no exception text, no length of key material,
 * no absolute path. Strings here come from the bundle: quote them before showing them.
 */
export interface RejectionDetails {
  /** File name of the artifact; a forbidden folder ends in `/`. */
  readonly artifact?: string;
  /** An output's path, as declared. */
  readonly path?: string;
  /** `sha256:` and 64 hex, or null where the declared value isn't of that form. */
  readonly expected?: string | null;
  /** `sha256:` and 64 hex. Absent where the output was not read. */
  readonly actual?: string;
  /** Bytes of the outputs up to and including `path`, where they are more than the bundle declares. */
  readonly found_bytes?: number | undefined;
  /** Bytes that the bundle declares for all its outputs, where more were found. */
  readonly declared_bytes?: number | undefined;
  /** Names of fields, sorted. */
  readonly missing?: readonly string[];
  /** Names of fields, sorted. */
  readonly extra?: readonly string[];
  /** The proof's own words for what went wrong, null where it has none. */
  readonly condition?: string | null;
  /** The member that does not accept the run, or the member of the binding that does not hold (PROTOCOL 11). */
  readonly field?: string;
  /** The run id that the binding names, where the run directory bears another name. */
  readonly sealed_as?: string;
  /** Which bundle of a chain. */
  readonly run_id?: string;
  /** Run ids that occur more than once, sorted. */
  readonly duplicates?: readonly string[];
}
