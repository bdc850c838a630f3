/**
 * runseal as a library for Node: does what the command does. `runseal/core` has the pure functions.
 *
 * @module
 */

export type {
  ChainBundle,
  Fault,
  Ok,
  Rejection,
  Result,
  SignerIdentity,
  TrustDecision,
  Undecided,
  VerifiedBundle,
  VerifiedChain,
} from "../core/internal.ts";
export type { PackedArchive } from "./archive/pack-runs.ts";
export type { VerifyFailure } from "./bundle/verify-context.ts";
export type { PulledRun } from "./carry/pull-run.ts";
export type { PushedRun } from "./carry/push-run.ts";
export type { ExportedRun } from "./export/export-run.ts";
export type { TakenSnapshot } from "./guard/take-snapshot.ts";
export type { Environment } from "./keys/user-home.ts";
export { ArgumentError, type CommonOptions } from "./library/arguments.ts";
export {
  type RestoreOptions,
  restore,
  type UndoOptions,
  type UndoRestoreOptions,
  undo,
  undoRestore,
} from "./library/back.ts";
export {
  type ExportOptions,
  exportRun,
  type PullOptions,
  type PushOptions,
  pull,
  push,
} from "./library/carry.ts";
export {
  type AcceptedBundle,
  type AcceptedChain,
  type AcceptedFiles,
  type BundleOptions,
  type CheckOptions,
  check,
  type HistoryBroken,
  type HistoryFailure,
  type ProveOptions,
  prove,
  type VerifyHistoryOptions,
  type VerifyOptions,
  verify,
  verifyHistory,
} from "./library/judge.ts";
export {
  type RunFault,
  type RunOptions,
  run,
  type SealingOptions,
  type SealOptions,
  type SnapshotOptions,
  seal,
  snapshot,
} from "./library/make.ts";
export type { SignerSpec, TrustFault, TrustSpec } from "./library/who.ts";
export type { CheckProofFailure } from "./prove/check-proof-of-files.ts";
export type { ProveFailure, ProvenFiles } from "./prove/prove-bundle-files.ts";
export type { RestoreFailure, RestoreSuccess } from "./restore/target/restore-outcome.ts";
export type { UndoSuccess } from "./restore/undo/undo.ts";
export type { RevertFailure, RevertSuccess } from "./revert/revert-request.ts";
export type { SealedRun, UnsealedRun } from "./run/run-request.ts";
export { CAUSE_CHANNEL } from "./runtime/cause-channel.ts";
export { nodeCrypto } from "./runtime/node-crypto.ts";
export type { OperationCode, OperationFault } from "./runtime/operation-fault.ts";
export type { Progress, ProgressCount, ProgressPhase, ProgressTotal } from "./runtime/progress.ts";
export { RUNSEAL_VERSION } from "./runtime/version.ts";
export type { SealedBundle } from "./seal/seal-outputs.ts";
export type { SealFault } from "./seal/seal-request.ts";
export type { AcceptedSigner, UntrustedSigner } from "./trust/whom-to-trust.ts";
