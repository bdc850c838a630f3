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
export type { TakenSnapshot } from "./back/guard/take-snapshot.ts";
export type { RestoreSuccess } from "./back/restore/target/restore-outcome.ts";
export type { UndoSuccess } from "./back/restore/undo/undo.ts";
export type { RevertFailure, RevertSuccess } from "./back/revert/revert-request.ts";
export type { RestoreFailure } from "./back/transaction/restore-failure.ts";
export type { AcceptedSigner, UntrustedSigner } from "./keys/trust/whom-to-trust.ts";
export { ArgumentError, type CommonOptions } from "./library/arguments.ts";
export { type Attester, type AttesterOptions, openAttester } from "./library/attester.ts";
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
  type RunFault,
  type RunOptions,
  run,
  type SealingOptions,
  type SealOptions,
  type SnapshotOptions,
  seal,
  snapshot,
} from "./library/make.ts";
export {
  type ListRunsOptions,
  listRuns,
  type OpenRunOptions,
  openRun,
  type RepositoryRuns,
} from "./library/repositories.ts";
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
} from "./library/verdicts.ts";
export type { SignerSpec, TrustContent, TrustFault, TrustSpec } from "./library/who.ts";
export type { ExportedRun } from "./make/export/export-run.ts";
export type { CheckProofFailure } from "./make/prove/check-proof-of-files.ts";
export type { ProveFailure, ProvenFiles } from "./make/prove/prove-bundle-files.ts";
export type { SealedBundle } from "./make/seal/seal-outputs.ts";
export type { SealFault } from "./make/seal/while-held.ts";
export type { PackedArchive } from "./move/archive/pack-runs.ts";
export type { DividedRun, RunVerdict } from "./move/carry/divided-run.ts";
export type { PulledRun } from "./move/carry/pull-run.ts";
export type { PushedRun } from "./move/carry/push-run.ts";
export type { VerifyFailure } from "./records/bundle/verify-context.ts";
export type { SealedRun, UnsealedRun } from "./run/run-request.ts";
export { CAUSE_CHANNEL } from "./system/runtime/cause-channel.ts";
export { nodeCrypto } from "./system/runtime/node-crypto.ts";
export type { OperationCode, OperationFault } from "./system/runtime/operation-fault.ts";
export type { Progress, ProgressCount, ProgressPhase, ProgressTotal } from "./system/runtime/progress.ts";
export type { Environment } from "./system/runtime/user-home.ts";
export { RUNSEAL_VERSION } from "./system/runtime/version.ts";
