/**
 * The request and the results of a run.
 *
 * @module
 */

import type { Result } from "../../core/internal.ts";
import type { Signer } from "../keys/signer.ts";
import { InterruptedSeal } from "../make/seal/interrupted-seal.ts";
import type { ScratchEnd } from "../make/seal/scratch-proof.ts";
import type { CompletedSeal } from "../make/seal/seal-into-project.ts";
import type { SealRequest } from "../make/seal/seal-outputs.ts";
import type { LeftOut, Selection } from "../make/seal/select-outputs.ts";
import type { RecoveredSeal } from "../records/project/finish-pending.ts";
import type { ProjectHome } from "../records/project/held-project.ts";
import type { Interruption } from "../system/runtime/interruption.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../system/runtime/progress.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import type { GuardedFacts, RunGuard } from "./command-guard.ts";
import type { SignalTap } from "./command-signals.ts";
import type { KilledRun } from "./run-claim.ts";
import type { CommandEnd, CommandStreams } from "./run-command.ts";

/** What to run, and what to seal. Without a signer, its bundle waits for one elsewhere (`signUnsigned`). */
export interface UnsignedRunRequest
  extends Omit<Selection, "rules">,
    Pick<SealRequest, "ignore" | "onWaiting" | "runId">,
    WorkOptions {
  /** The project that the run's bundle goes into; default: the root. The caller closes it. */
  readonly project?: ProjectHome | undefined;
  readonly command: readonly [string, ...string[]];
  /** Files and folders that the command reads, relative to `cwd`: their digests are recorded before it runs. */
  readonly inputs: readonly string[];
  /** Scratch folders, relative to `cwd`; default: `ROOT/.runseal/scratch`. */
  readonly scratch: readonly string[];
  /** The command's own, without passphrases of runseal's, and without SSH_AUTH_SOCK if the ssh-agent signs. */
  readonly environment: Environment;
  /** Variables that are recorded with their values. */
  readonly recorded: readonly string[];
  /** Seconds since 1970. */
  readonly clock: () => number;
  readonly tapSignals: SignalTap;
  /** What the command inherits; default: the streams of this process. */
  readonly streams?: CommandStreams | undefined;
}

/** The same with a signer. */
export interface RunRequest extends UnsignedRunRequest {
  /** Takes snapshots of the root around the command; undefined: the run is not guarded. */
  readonly guard?: RunGuard | undefined;
  /** Whether the outputs' bytes are kept in the project's store. */
  readonly keep: boolean;
  /** Called before the command runs; the signer is disposed of at the end. */
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
}

/** What is known of a run besides its bundle. */
export interface RunFacts extends LeftOut {
  /** Whether the command could have signed with the run's key: its file has no passphrase. */
  readonly isKeyInReach: boolean;
  readonly command: CommandEnd;
  readonly scratch: ScratchEnd;
  /** Requested outputs that were not made. */
  readonly missing: readonly string[];
  /** The snapshots around the command; undefined for a run that is not guarded. */
  readonly guarded?: GuardedFacts | undefined;
}

/** A run that is sealed; with `PlacedUnsigned`, one that waits for a signer. */
export interface SealedRun<Bundle = CompletedSeal> extends RunFacts {
  readonly ok: true;
  readonly bundle: Bundle;
  /** Why no verifier accepts the bundle; undefined after a success. */
  readonly failure: OperationFault | undefined;
  readonly killed: readonly KilledRun[];
  /** Killed seals in the project, found before and after the command, and how they ended. */
  readonly recovered: readonly RecoveredSeal[];
}

/** A run that is not sealed. */
export interface UnsealedRun {
  readonly ok: false;
  /** That of the fault. */
  readonly message: string;
  readonly fault: OperationFault;
  /** Undefined if no command was run. */
  readonly facts: RunFacts | undefined;
  readonly killed: readonly KilledRun[];
  readonly recovered: readonly RecoveredSeal[];
}

/** A run that was interrupted before it was sealed, and the killed runs that it found. Each of these is reported once. */
export class InterruptedRun extends InterruptedSeal {
  readonly killed: readonly KilledRun[];

  constructor(killed: readonly KilledRun[], recovered: readonly RecoveredSeal[], cause: Interruption) {
    super(cause instanceof InterruptedSeal ? [...recovered, ...cause.recovered] : recovered, cause);
    this.killed = killed;
  }
}
