/**
 * runseal as a library for Node: seals, verifies and restores files. `runseal/core` has the pure functions.
 *
 * @module
 */

// The names of the core that a verifier needs, so that one import suffices.
export {
  type Countersigner,
  decideTrust,
  PHASES,
  type Phase,
  parsePublicKey,
  parseTrustFile,
  questionOf,
  type Rejection,
  type Result,
  type SignerIdentity,
  shownObject,
  type TrustCode,
  type TrustDecision,
  type TrustPolicy,
  type Undecided,
  type UnsignedBundle,
  type VerifiedBundle,
  type VerifiedChain,
  type VerifierCode,
} from "../core/internal.ts";
export { type ArchiveBytes, type ArchiveOptions, ArchiveSource } from "./archive/archive-source.ts";
export { type PackedArchive, type PackedRunFacts, type PackRequest, packRuns } from "./archive/pack-runs.ts";
export type { PackPlace } from "./archive/packed-run.ts";
export { openBundle, runIdOf } from "./bundle/open-bundle.ts";
export { isRunId, makeRunId } from "./bundle/run-id.ts";
export type { VerifyFailure } from "./bundle/verify-context.ts";
export {
  type CountersignedBundle,
  type CountersignRequest,
  countersignBundle,
  type RefusedSigner,
} from "./countersign/countersign-bundle.ts";
export { type Attestation, type AttestRequest, attestVerdict } from "./export/attest-verdict.ts";
export { EXPORT_FORMATS, type ExportFormat, type ExportPredicate } from "./export/evidence-formats.ts";
export { type ExportedFile, type ExportedRun, type ExportRequest, exportRun } from "./export/export-run.ts";
export type { Protection } from "./files/shared-above.ts";
export { findGuard } from "./guard/guard-place.ts";
export {
  type GuardRun,
  type ListedSnapshots,
  listSnapshots,
} from "./guard/list-snapshots.ts";
export { locateGuard } from "./guard/locate-guard.ts";
export type { FolderLook } from "./guard/look-at-folder.ts";
export { type GuardOptions, type TakenSnapshot, takeSnapshot } from "./guard/take-snapshot.ts";
export { hashFiles } from "./hashing/hash-files.ts";
export { listRuns } from "./history/list-runs.ts";
export { lookAtRun, readClaims, type SeenRun } from "./history/look-at-run.ts";
export { type HistoryRequest, type ReadHistory, readClaimedHistory } from "./history/read-history.ts";
export { readUnlistedRuns, type UnlistedRun, type UnlistedState } from "./history/unlisted-runs.ts";
export {
  type JudgedHistoryRun,
  reportOnHistory,
  type VerifiedHistory,
  type VerifyHistoryRequest,
} from "./history/verify-history.ts";
export {
  type HistoryBroken,
  type TrustedHistoryRequest,
  verifyHistory,
} from "./history/verify-trusted-history.ts";
export { isAgentKeyName } from "./keys/agent/agent-key.ts";
export { readDefaultKey, writeDefaultKey } from "./keys/default-key.ts";
export { DEFAULT_KEY_COST, type KeyCost } from "./keys/encrypted-key.ts";
export { findKey, findNamed, onlyKey } from "./keys/find-key.ts";
export { isKeyFileEncrypted, openKeyFile } from "./keys/key-file.ts";
export { inspectKeyFolder, type KeyFolderFindings, matchesPublicFile } from "./keys/key-folder.ts";
export {
  listKeys,
  ownTrustFile,
  type StoredKey,
  trustLine,
} from "./keys/key-store.ts";
export { type NamedKeyFault, readNamedKey } from "./keys/named-key.ts";
export { openSigner, type SignerChoice, type SignerSurroundings } from "./keys/open-signer.ts";
export {
  NO_PASSPHRASES,
  type PassphrasePrompt,
  type PassphraseSetting,
  type Passphrases,
  passphrasesFrom,
} from "./keys/passphrase/passphrase.ts";
export { PUBLIC_FORMS, type PublicForm, publicForms } from "./keys/public-forms.ts";
export { SecretBytes, secretMemory } from "./keys/secret-bytes.ts";
export { type Signer, signChecked } from "./keys/signer.ts";
export { configFolder, type Environment } from "./keys/user-home.ts";
export { createKeyFile, type KeyFileOptions, type KeyProtection } from "./keys/write-key-file.ts";
export {
  changePassphrase,
  type ImportRequest,
  importOwnKey,
  type PassphraseChange,
} from "./own-keys/import-own-key.ts";
export { makeOwnKey, type NewKeyRequest } from "./own-keys/make-own-key.ts";
export { ownKeyName } from "./own-keys/own-key-name.ts";
export type { MadeKey } from "./own-keys/place-key.ts";
export { removeOwnKey } from "./own-keys/remove-key.ts";
export type { RecoveredEnd, RecoveredSeal } from "./project/finish-pending.ts";
export { OWN_FOLDER, runsFolderOf } from "./project/project-names.ts";
export type { HeadMemory } from "./project/remembered-head.ts";
export type { GivenEnd } from "./project/unsigned-folder.ts";
export { type AcceptedFiles, checkProof, type TrustedProofRequest } from "./prove/check-proof.ts";
export {
  type CheckedFile,
  type CheckedFiles,
  type CheckProofFailure,
  type CheckProofRequest,
  judgeProofOfFiles,
} from "./prove/check-proof-of-files.ts";
export {
  type ProveFailure,
  type ProvenFiles,
  type ProveRequest,
  proveBundleFiles,
  writeProof,
} from "./prove/prove-bundle-files.ts";
export type { Act, RestoreOrigin } from "./restore/journal/journal.ts";
export { InterruptedRestore } from "./restore/recover/interrupted-restore.ts";
export { type RecoverRequest, type RecoverSuccess, recoverTarget } from "./restore/recover/recover-target.ts";
export type { RestoreDemand } from "./restore/restore-bundle.ts";
export {
  type RestoreCarriedRequest,
  type RestoreChainRequest,
  type RestoreRequest,
  restoreBundle,
  restoreCarried,
  restoreCarriedChain,
  restoreChain,
} from "./restore/restore-bundle.ts";
export type {
  Recovery,
  RecoveryEnd,
  RestoredBundle,
  RestoreFailure,
  RestoreOutcome,
  RestoreSuccess,
} from "./restore/target/restore-outcome.ts";
export type { RestoredBundles } from "./restore/undo/restored-by-bundles.ts";
export { type UndoRequest, type UndoSuccess, undoRestore } from "./restore/undo/undo.ts";
export type { RevertTarget } from "./revert/find-reverted.ts";
export { revertFolder } from "./revert/revert-folder.ts";
export type {
  RevertFailure,
  RevertFolderRequest,
  RevertSuccess,
  SealedRevert,
} from "./revert/revert-request.ts";
export type { CommandSignal, SignalTap } from "./run/command-signals.ts";
export { runAndSeal, runUnsigned } from "./run/run-and-seal.ts";
export type { KilledRun } from "./run/run-claim.ts";
export type { CommandEnd, CommandStreams } from "./run/run-command.ts";
export type {
  RunFacts,
  RunRequest,
  SealedRun,
  UnsealedRun,
  UnsignedRunRequest,
} from "./run/run-request.ts";
export { CAUSE_CHANNEL } from "./runtime/cause-channel.ts";
export { Interruption } from "./runtime/interruption.ts";
export { nodeCrypto } from "./runtime/node-crypto.ts";
export {
  type FaultFacts,
  type OperationCode,
  type OperationDetails,
  type OperationFault,
  operationFault,
  type RefusedEntry,
  type RefusedPath,
} from "./runtime/operation-fault.ts";
export type { Progress, ProgressCount, ProgressPhase, ProgressTotal } from "./runtime/progress.ts";
export { RUNSEAL_VERSION } from "./runtime/version.ts";
export type { TreeCounts } from "./seal/bundle-contents.ts";
export type { PlacedUnsigned } from "./seal/place-unsigned.ts";
export type { ScratchDifference, ScratchEnd } from "./seal/scratch-proof.ts";
export {
  type SealedBundle,
  type SealRequest,
  sealOutputs,
  sealUnsigned,
  type UnsignedSeal,
  type UnsignedSealRequest,
} from "./seal/seal-outputs.ts";
export type { CompletedSeal, SealFault } from "./seal/seal-request.ts";
export type { LeftOut } from "./seal/select-outputs.ts";
export type { UnsignedPlace } from "./sign/read-unsigned-folder.ts";
export { type SignedSeal, type SignFault, type SignRequest, signUnsigned } from "./sign/sign-unsigned.ts";
export type { BundleReader, BundleSource, CarrierName } from "./source/bundle-source.ts";
export { type CatRequest, readObject } from "./store/cat-object.ts";
export type { CorruptedObject, DamagedPackFile, IndexFault } from "./store/check-packs.ts";
export { type CheckedStore, type CheckStoreRequest, checkStore, type NotKept } from "./store/check-store.ts";
export { collectGarbage } from "./store/collect/collect-garbage.ts";
export type {
  Collected,
  CollectFault,
  CollectRequest,
  DamagedFile,
  Removals,
} from "./store/collect/removals.ts";
export type { SourceName } from "./store/output-source.ts";
export { readNamedCertificate } from "./time/named-certificate.ts";
export type { AuthorityAddress } from "./timestamp/ask-authority.ts";
export {
  type TimestampedBundle,
  type TimestampRequest,
  timestampBundle,
} from "./timestamp/timestamp-bundle.ts";
export { addAuthority, removeAuthorities } from "./trust/edit-authorities.ts";
export {
  addTrustLine,
  type LinesWanted,
  openTrustFile,
  placeOfTrustFile,
  type ReadTrustFile,
  type RevokedLines,
  removeTrustLinesOf,
  revokeTrustLinesOf,
  type TrustEditFault,
  type TrustEditor,
  type TrustFilePlace,
} from "./trust/edit-trust-file.ts";
export { readTrustPolicy, type TrustRequest, type TrustRequestFault } from "./trust/read-trust.ts";
export type {
  AcceptedSigner,
  AnySigner,
  KeyRefused,
  Trust,
  UntrustedSigner,
} from "./trust/whom-to-trust.ts";
export type { ChainOutputsFrom, OutputsFrom } from "./verify/find-outputs.ts";
export type { RunOutputs } from "./verify/outputs-record.ts";
export { type AcceptedBundle, type VerifyBundleRequest, verifyBundle } from "./verify/verify-bundle.ts";
export {
  judgeBundle,
  type RunReport,
  reportOnBundle,
  reportOnRuns,
  type SourceVerifyRequest,
  type VerifyReport,
  type VerifyRequest,
} from "./verify/verify-bundle-files.ts";
export { type AcceptedChain, type TrustedChainRequest, verifyChain } from "./verify/verify-chain.ts";
export {
  type ChainReport,
  judgeBundleChain,
  reportOnCarriedChain,
  reportOnChain,
  type VerifyChainRequest,
} from "./verify/verify-chain-files.ts";
