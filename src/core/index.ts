/**
 * runseal's core: what a bundle is and when it is true. Pure and synchronous, without dependencies:
 * bytes in, verdicts out. The same in Node and in a browser.
 *
 * @module
 */

export {
  ARTIFACT_NAMES,
  type ArtifactName,
  FORBIDDEN_NAMES,
  type ForbiddenName,
  isArtifactName,
  isConfusableName,
  resemblesForbiddenName,
} from "./artifacts/artifact-name.ts";
export { type Binding, type BindingInput, bindingObject, declaredBytes } from "./artifacts/binding.ts";
export { DeclaredHashes, type FileColumns } from "./artifacts/declared-hashes.ts";
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
export { areAllLawful } from "./artifacts/read-claims.ts";
export { type BundleRootInput, computeBundleRoot, encodeBundleRootPreimage } from "./bundle-root.ts";
export {
  encodeAsciiCanonical,
  encodeCanonical,
  type NumberOverflowFault,
  type SerializationFault,
} from "./canonical-json.ts";
export { type ChainLink, computeChainRoot, encodeChainRootPreimage } from "./chain-root.ts";
export {
  type CheckedFileProof,
  checkFileProof,
  checkProvenBytes,
  findProvenFile,
} from "./check-file-proof.ts";
export { type ClaimingArtifacts, readClaimedRun, unknownRun } from "./claimed-run.ts";
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
} from "./codes.ts";
export {
  type ChangedOutput,
  compareOutputs,
  type LoneOutput,
  type OutputChanges,
} from "./compare-outputs.ts";
export {
  addCountersignature,
  COUNTERSIGNATURES_NAME,
  type CountersignatureFinding,
  type CountersignaturesFault,
  type CountersignaturesReading,
  findCountersignatures,
  type NewCountersignature,
} from "./countersignature.ts";
export { type CountersignedFacts, encodeCountersigningMessage } from "./countersigning-message.ts";
export { type Crypto, matchesDigest, type RunningSha256 } from "./crypto.ts";
export { DigestIndex } from "./digest-index.ts";
export { isRefusedPoint, verifyStrictly } from "./ed25519-rule.ts";
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
} from "./file-proof.ts";
export { DIGEST_BYTES, digestToHex, type HexDigest, isHexDigest, parseHex, toHex } from "./hex.ts";
export {
  computeHistory,
  type History,
  type HistoryFinding,
  type HistoryHead,
  type HistoryHeads,
  type HistoryPlace,
} from "./history.ts";
export { orderNewestFirst } from "./history-order.ts";
export type { HistoryRun, RunStanding } from "./history-run.ts";
export { identityOf, parsePublicKey, type SignerIdentity } from "./identity.ts";
export {
  asCount,
  isJsonObject,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  jsonInteger,
  jsonObject,
} from "./json-value.ts";
export { type JudgedRun, judgeRun, type SealedRun } from "./judge-run.ts";
export { idDigest, type KeyDigest, keyDigestsOf, looksLikeKeyDigest, parseKeyDigest } from "./key-digest.ts";
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
} from "./limits.ts";
export { firstItems, inPathOrder, itemAt, type Listing, makeListing } from "./listing.ts";
export { linkProof, type MadeProof, makeProof, type ProofInput } from "./make-proof.ts";
export {
  checkMembership,
  type MembershipFault,
  type MembershipProof,
  type MembershipReason,
  type MembershipStep,
  membershipProofObject,
  proveAllMemberships,
  proveMembership,
} from "./membership.ts";
export {
  computeManifestRoot,
  computeRootOfLeaves,
  growMerkleTree,
  isManifestEntry,
  leafPreimage,
  type ManifestEntry,
  type ManifestFault,
  type MerkleTree,
} from "./merkle.ts";
export { findNameCollisions, type NameCollision } from "./name-collision.ts";
export {
  findPathsBelowOthers,
  type OutputPath,
  type PathBreach,
  type PathFault,
  type PathRules,
  parentOf,
  parseOutputPath,
} from "./output-path.ts";
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
} from "./outputs-root.ts";
export { FINDING_KINDS, type FindingColumns, ManyFindings } from "./phases/finding-columns.ts";
export type { OutputFinding, OutputFindings } from "./phases/outputs.ts";
export { outputFailures } from "./phases/outputs.ts";
export type { SignatureQuestion } from "./phases/signature.ts";
export { findNameBreach, type NameBreach } from "./portable-name.ts";
export {
  type ProofChain,
  type ProofChainCode,
  type ProofChainFault,
  verifyProofChain,
} from "./proof-chain.ts";
export { checkProofDocument, type UntrueProofFault } from "./proof-document.ts";
export type { ProofDomain, ProofRefusal, ProofRefusalReason } from "./proof-domains.ts";
export { computeProofHash } from "./proof-hash.ts";
export {
  type HistoricProof,
  type ProofHistoryFault,
  type ProofLookup,
  walkProofHistory,
} from "./proof-history.ts";
export {
  type Proof,
  type ProofField,
  type ProofSchemaFault,
  type ProofState,
  parseProof,
} from "./proof-schema.ts";
export {
  encodeProofMessage,
  type ProofSignature,
  type ProofSignatureFault,
  type ProofSigningFault,
  proofSignatureObject,
  readProofSignature,
  verifyProofSignature,
} from "./proof-signature.ts";
export { admitStatement, type ProvableBundle } from "./prove-files.ts";
export { printable, quote, quoteIfNeeded } from "./quote.ts";
export type { RejectionDetails } from "./rejection-details.ts";
export { explainMalformed, type RejectionNote } from "./rejection-message.ts";
export {
  type FileManifest,
  type Mismatch,
  RESTORATION_CONDITIONS,
  type Restoration,
  type RestorationCondition,
} from "./restoration.ts";
export {
  encodeChainManifest,
  encodeRestoreManifest,
  encodeRestoreManifestInPieces,
  encodeRestoreReport,
  RESULT_ARTIFACTS,
  type RestoredFile,
  type RestoredRun,
} from "./restore-artifacts.ts";
export {
  type ChangedTarget,
  type MachineReason,
  type RestoreDetails,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
} from "./restore-fault.ts";
export {
  checkHashesNotEmpty,
  checkHashesUnchanged,
  checkRestorePath,
  checkRestoreProof,
  STAGING_PREFIX,
} from "./restore-gate.ts";
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
  type SourceKind,
  targetPath,
} from "./restore-plan.ts";
export { parseRestoreRecord, type RestoreRecord } from "./restore-record.ts";
export { type Fault, type Ok, ok, type Result } from "./result.ts";
export { encodeSigningMessage, type SignedFacts, signedPayload } from "./signing-message.ts";
export { encodeSshKey, parseSshKey, sshFingerprint } from "./ssh-key.ts";
export { parseStrictJson, type StrictJsonFault, type StrictJsonReason } from "./strict-json.ts";
export type {
  DecidingLine,
  Trusted,
  TrustPolicy,
  TrustSource,
  Untrusted,
} from "./trust-decision.ts";
export { whereWords } from "./trust-decision.ts";
export {
  appendTrustLine,
  type NewTrustLine,
  type NewTrustLineBreach,
  removeTrustLines,
  writeTrustLine,
} from "./trust-edit.ts";
export { parseTrustFile, type TrustFile, type TrustFileFault } from "./trust-file.ts";
export {
  parseKeyText,
  parseMoment,
  type TrustLine,
  type TrustLineReason,
  UNRESTRICTED,
} from "./trust-line.ts";
export {
  type Countersigner,
  decideTrust,
  type FailedCountersigner,
  type JudgedCountersigner,
  listCountersigners,
  questionOf,
  type TrustDecision,
  type TrustQuestion,
} from "./trust-policy.ts";
export { revokeTrustLines } from "./trust-revoke.ts";
export type { ThresholdCount, TrustThreshold } from "./trust-threshold.ts";
export { formatUtcSecond, utcSeconds } from "./utc-time.ts";
export { compareUtf8, decodeUtf8, encodeUtf8, isWellFormed, sortUtf8 } from "./utf8.ts";
export {
  inChain,
  PHASES,
  type Phase,
  type Rejection,
  type Undecided,
} from "./verdict.ts";
export type { VerifiedOutput } from "./verified-outputs.ts";
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
} from "./verify-bundle.ts";
export {
  type ChainNote,
  checkRunIds,
  concludeChain,
  judgeChain,
  type LinkedBundle,
  type VerifiedChain,
} from "./verify-chain.ts";
