/**
 * runseal's core: what a bundle is and when it is true. Pure and synchronous, without dependencies:
 * bytes in, verdicts out. The same in Node and in a browser.
 *
 * @module
 */

export { type Binding, type BindingInput, bindingObject, declaredBytes } from "./artifacts/binding.ts";
export {
  type BundleRootInput,
  computeBundleRoot,
  encodeBundleRootPreimage,
} from "./artifacts/bundle-root.ts";
export { type ChainLink, computeChainRoot, encodeChainRootPreimage } from "./artifacts/chain-root.ts";
export {
  type ChangedOutput,
  compareOutputs,
  type LoneOutput,
  type OutputChanges,
} from "./artifacts/compare-outputs.ts";
export { DeclaredHashes, type FileColumns } from "./artifacts/declared-hashes.ts";
export { type FailedRun, type FailedRuns, NO_FAILED_RUNS } from "./artifacts/failed-runs.ts";
export { identityOf, parsePublicKey, type SignerIdentity } from "./artifacts/identity.ts";
export {
  idDigest,
  type KeyDigest,
  keyDigestsOf,
  looksLikeKeyDigest,
  parseKeyDigest,
} from "./artifacts/key-digest.ts";
export { ManyClaims } from "./artifacts/many-claims.ts";
export type { ArtifactReading, OpenedBundle } from "./artifacts/opened-bundle.ts";
export {
  declareDigest,
  type LawfulClaim,
  type OutputClaim,
  type OutputClaims,
  parseDeclaredDigest,
  type UnlawfulClaim,
} from "./artifacts/output-claims.ts";
export { computeProofHash } from "./artifacts/proof-hash.ts";
export { areAllLawful } from "./artifacts/read-claims.ts";
export { type SaidFailure, saidFailure } from "./artifacts/run-failure.ts";
export { encodeSigningMessage, type SignedFacts, signedPayload } from "./artifacts/signing-message.ts";
export { encodeSshKey, parseSshKey, sshFingerprint } from "./artifacts/ssh-key.ts";
export {
  addCountersignature,
  COUNTERSIGNATURES_NAME,
  type CountersignatureFinding,
  type CountersignaturesFault,
  type CountersignaturesReading,
  findCountersignatures,
  type NewCountersignature,
} from "./bundle/countersignature.ts";
export { type CountersignedFacts, encodeCountersigningMessage } from "./bundle/countersigning-message.ts";
export { admitFailedCandidate, type FailedBundle, type RestorableBundle } from "./bundle/failed-bundle.ts";
export { FINDING_KINDS, type FindingColumns, ManyFindings } from "./bundle/phases/finding-columns.ts";
export type { OutputFinding, OutputFindings } from "./bundle/phases/outputs.ts";
export { outputFailures } from "./bundle/phases/outputs.ts";
export type { SignatureQuestion } from "./bundle/phases/signature.ts";
export type { VerifiedOutput } from "./bundle/verified-outputs.ts";
export {
  type AwaitedBundle,
  admitCandidate,
  beginCandidate,
  beginJudging,
  concludeCandidate,
  concludeVerification,
  type EligibleBundle,
  type JudgedBundle,
  judgeArtifacts,
  judgeCandidate,
  type RestoreCandidate,
  type UnsettledBundle,
  type VerifiedBundle,
  type VerifyContext,
} from "./bundle/verify-bundle.ts";
export {
  type ChainNote,
  checkRunIds,
  concludeChain,
  judgeChain,
  type LinkedBundle,
  type VerifiedChain,
} from "./bundle/verify-chain.ts";
export { type Crypto, matchesDigest, type RunningSha256 } from "./bytes/crypto.ts";
export { DigestIndex } from "./bytes/digest-index.ts";
export { isRefusedPoint, verifyStrictly } from "./bytes/ed25519-rule.ts";
export { DIGEST_BYTES, digestToHex, type HexDigest, isHexDigest, parseHex, toHex } from "./bytes/hex.ts";
export {
  DEFAULT_LIMITS,
  type Limits,
  MAX_COUNTERSIGNATURES_BYTES,
  MAX_DEPTH,
  MAX_FILE_PROOF_BYTES,
  MAX_LINE_PATTERNS,
  MAX_MEMBERSHIP_STEPS,
  MAX_OUTPUTS_ROOT_BYTES,
  MAX_PATTERN_BYTES,
  MAX_TRUST_FILE_BYTES,
  MAX_TRUST_LINE_BYTES,
  MAX_TRUST_LINES,
  MAX_TRUST_LINES_OF_KEY,
  MAX_TRUST_NAMES,
  MAX_TRUST_THRESHOLDS,
} from "./bytes/limits.ts";
export { firstItems, inPathOrder, itemAt, type Listing, makeListing } from "./bytes/listing.ts";
export { type Fault, type Ok, ok, type Result } from "./bytes/result.ts";
export { formatUtcSecond, utcSeconds } from "./bytes/utc-time.ts";
export { compareUtf8, decodeUtf8, encodeUtf8, isWellFormed, sortUtf8 } from "./bytes/utf8.ts";
export {
  COUNTERSIGNATURE_CODES,
  type CountersignatureCode,
  FILE_PROOF_CODES,
  type FileProofCode,
  HISTORY_CODES,
  type HistoryCode,
  NOTE_CODES,
  type NoteCode,
  READING_CODES,
  RESTORE_CODES,
  type ReadingCode,
  type RestoreCode,
  TRANSACTION_CODES,
  TRUST_CODES,
  type TrustCode,
  VERIFIER_CODES,
  type VerifierCode,
} from "./codes/codes.ts";
export { boundRunId, type Expectation, findUnmet, type UnmetExpectation } from "./codes/expectation.ts";
export type { RejectionDetails } from "./codes/rejection-details.ts";
export { explainMalformed, type RejectionNote } from "./codes/rejection-message.ts";
export {
  type ChangedTarget,
  type MachineReason,
  type RestoreDetails,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
} from "./codes/restore-fault.ts";
export {
  inChain,
  PHASES,
  type Phase,
  type Rejection,
  type Undecided,
} from "./codes/verdict.ts";
export { type ClaimingArtifacts, readClaimedRun, unknownRun } from "./history/claimed-run.ts";
export { computeHistory } from "./history/history.ts";
export type {
  History,
  HistoryFinding,
  HistoryHead,
  HistoryHeads,
  HistoryPlace,
} from "./history/history-model.ts";
export { orderNewestFirst } from "./history/history-order.ts";
export type { HistoryRun, RunStanding } from "./history/history-run.ts";
export { type JudgedRun, judgeRun, type SealedRun } from "./history/judge-run.ts";
export {
  encodeAsciiCanonical,
  encodeCanonical,
  type NumberOverflowFault,
  type SerializationFault,
} from "./json/canonical-json.ts";
export {
  asCount,
  isJsonObject,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  jsonInteger,
  jsonObject,
} from "./json/json-value.ts";
export { parseStrictJson, type StrictJsonFault, type StrictJsonReason } from "./json/strict-json.ts";
export {
  ARTIFACT_NAMES,
  type ArtifactName,
  FORBIDDEN_NAMES,
  type ForbiddenName,
  isArtifactName,
  isConfusableName,
  resemblesForbiddenName,
} from "./paths/artifact-name.ts";
export {
  type IgnoreDecision,
  type IgnoreFault,
  IgnorePatterns,
  ignoreLines,
} from "./paths/ignore-patterns.ts";
export { findNameCollisions, type NameCollision } from "./paths/name-collision.ts";
export {
  findPathsBelowOthers,
  type OutputPath,
  type PathBreach,
  type PathFault,
  type PathRules,
  parentOf,
  parseOutputPath,
} from "./paths/output-path.ts";
export { findNameBreach, type NameBreach } from "./paths/portable-name.ts";
export { printable, quote, quoteIfNeeded } from "./paths/quote.ts";
export {
  type CheckedFileProof,
  checkFileProof,
  checkProvenBytes,
  findProvenByDigest,
  findProvenFile,
} from "./proof/check-file-proof.ts";
export {
  encodeFileProof,
  type FileProof,
  type FileProofDetails,
  type FileProofFault,
  type FileProofReason,
  fileProofFault,
  fileProofObject,
  isFileProofFault,
  makeFileProof,
  type ProvenFile,
  parseFileProof,
} from "./proof/file-proof.ts";
export { linkProof, type MadeProof, makeProof, type ProofInput } from "./proof/make-proof.ts";
export {
  checkMembership,
  type MembershipFault,
  type MembershipProof,
  type MembershipReason,
  type MembershipStep,
  membershipProofObject,
  proveAllMemberships,
  proveMembership,
} from "./proof/membership.ts";
export {
  computeManifestRoot,
  computeRootOfLeaves,
  growMerkleTree,
  isManifestEntry,
  leafPreimage,
  type ManifestEntry,
  type ManifestFault,
  type MerkleTree,
} from "./proof/merkle.ts";
export {
  encodeOutputsMessage,
  encodeOutputsRoot,
  OUTPUTS_ROOT_NAME,
  type OutputsRootFault,
  type OutputsRootField,
  type OutputsStatement,
  parseOutputsRoot,
  type SignedOutputsStatement,
  statementHolds,
} from "./proof/outputs-root.ts";
export {
  type ProofChain,
  type ProofChainCode,
  type ProofChainFault,
  verifyProofChain,
} from "./proof/proof-chain.ts";
export { checkProofDocument, type UntrueProofFault } from "./proof/proof-document.ts";
export type { ProofDomain, ProofRefusal, ProofRefusalReason } from "./proof/proof-domains.ts";
export {
  type HistoricProof,
  type ProofHistoryFault,
  type ProofLookup,
  walkProofHistory,
} from "./proof/proof-history.ts";
export {
  type Proof,
  type ProofField,
  type ProofSchemaFault,
  type ProofState,
  parseProof,
} from "./proof/proof-schema.ts";
export {
  encodeProofMessage,
  type ProofSignature,
  type ProofSignatureFault,
  type ProofSigningFault,
  proofSignatureObject,
  readProofSignature,
  verifyProofSignature,
} from "./proof/proof-signature.ts";
export { admitStatement, type ProvableBundle } from "./proof/prove-files.ts";
export {
  type FileManifest,
  type Mismatch,
  RESTORATION_CONDITIONS,
  type Restoration,
  type RestorationCondition,
} from "./proof/restoration.ts";
export {
  encodeChainManifest,
  encodeRestoreManifest,
  encodeRestoreManifestInPieces,
  encodeRestoreReport,
  RESULT_ARTIFACTS,
  type RestoredFile,
  type RestoredRun,
} from "./restore/restore-artifacts.ts";
export {
  checkHashesNotEmpty,
  checkHashesUnchanged,
  checkRestorePath,
  checkRestoreProof,
  STAGING_PREFIX,
} from "./restore/restore-gate.ts";
export {
  checkSource,
  checkSources,
  checkTargets,
  checkTargetsInSteps,
  type PlannedRun,
  planChainRestore,
  planRestore,
  type RestorePlan,
  type RestoreSelection,
  refuseReportNames,
  type SourceKind,
  targetPath,
} from "./restore/restore-plan.ts";
export { parseRestoreRecord, type RestoreRecord } from "./restore/restore-record.ts";
export type {
  DecidingLine,
  Trusted,
  TrustPolicy,
  TrustSource,
  Untrusted,
} from "./trust/trust-decision.ts";
export { whereWords } from "./trust/trust-decision.ts";
export {
  appendTrustLine,
  type NewTrustLine,
  type NewTrustLineBreach,
  removeTrustLines,
  writeTrustLine,
} from "./trust/trust-edit.ts";
export { parseTrustFile, type TrustFile, type TrustFileFault } from "./trust/trust-file.ts";
export {
  parseKeyText,
  parseMoment,
  type TrustLine,
  type TrustLineReason,
  UNRESTRICTED,
} from "./trust/trust-line.ts";
export {
  type Countersigner,
  decideTrust,
  type FailedCountersigner,
  type JudgedCountersigner,
  listCountersigners,
  questionOf,
  type TrustDecision,
  type TrustQuestion,
} from "./trust/trust-policy.ts";
export { revokeTrustLines } from "./trust/trust-revoke.ts";
export type { ThresholdCount, TrustThreshold } from "./trust/trust-threshold.ts";
