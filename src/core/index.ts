/**
 * The core of runseal: parses bundles and verifies them. Pure, without dependencies: takes bytes and returns verdicts. Gives the
 * same results in Node and in a browser.
 *
 * @module
 */

export type { VerifiedOutput } from "./judge/bundle/bundle-facts.ts";
export type { ChainNote } from "./judge/bundle/chain-notes.ts";
export {
  COUNTERSIGNATURES_NAME,
  type CountersignatureFinding,
  type CountersignaturesReading,
  findCountersignatures,
} from "./judge/bundle/countersignature.ts";
export { beginConclusion, judgeHere, type VerifiedBundle } from "./judge/bundle/judge.ts";
export { type JudgedBundle, VERIFY } from "./judge/bundle/orders.ts";
export { partsOf, type RunPart } from "./judge/bundle/parts.ts";
export {
  FINDING_KINDS,
  type FindingColumns,
  FindingTable,
  makeFindings,
  type OutputFinding,
  type OutputFindings,
} from "./judge/bundle/phases/findings.ts";
export type { VerifyContext } from "./judge/bundle/phases/judging.ts";
export { outputFailures } from "./judge/bundle/phases/outputs.ts";
export type { LookedTree, UnendedBundle } from "./judge/bundle/phases/tree.ts";
export { type BundleTimestamps, TIMESTAMPS_NAME } from "./judge/bundle/timestamps.ts";
export {
  BundleChain,
  type ChainBundle,
  judgeChain,
  type VerifiedChain,
} from "./judge/bundle/verify-chain.ts";
export { computeHistory } from "./judge/history/history.ts";
export type {
  History,
  HistoryCode,
  HistoryFinding,
  HistoryHead,
  HistoryHeads,
  HistoryPlace,
  HistoryRun,
} from "./judge/history/history-model.ts";
export type { TrustAuthority } from "./judge/trust/trust-authority.ts";
export type { DecidingLine, TrustPolicy, TrustSource } from "./judge/trust/trust-decision.ts";
export { parseTrustFile, type TrustFile, type TrustFileFault } from "./judge/trust/trust-file.ts";
export { parseKeyText, type TrustLine, type TrustLineReason } from "./judge/trust/trust-line.ts";
export {
  type Countersigner,
  decideTrust,
  listCountersigners,
  questionOf,
  type TrustDecision,
  type TrustQuestion,
} from "./judge/trust/trust-policy.ts";
export type { TrustThreshold } from "./judge/trust/trust-threshold.ts";
export type { TimeFinding, TokenFinding } from "./judge/trust/trusted-time.ts";
export {
  type CheckedFileProof,
  checkFileProof,
  checkProvenBytes,
  findProvenByDigest,
  findProvenFile,
} from "./make/proof/check-file-proof.ts";
export {
  type FileProof,
  type FileProofFault,
  type FileProofReason,
  type ProvenFile,
  parseFileProof,
} from "./make/proof/file-proof.ts";
export {
  OUTPUTS_ROOT_NAME,
  parseOutputsRoot,
  type SignedOutputsStatement,
  statementHolds,
} from "./make/proof/outputs-root.ts";
export { verifyProofChain, walkProofHistory } from "./make/proof/proof-chain.ts";
export { checkProofDocument } from "./make/proof/proof-document.ts";
export { type Proof, parseProof } from "./make/proof/proof-schema.ts";
export { encodeProofMessage, verifyProofSignature } from "./make/proof/proof-signature.ts";
export type { Mismatch, Restoration, RestorationCondition } from "./make/proof/restoration.ts";
export { type FilesRequest, verifyFiles } from "./move/archive/verify-files.ts";
export { type Binding, declaredBytes } from "./records/artifacts/binding.ts";
export { computeChainRoot } from "./records/artifacts/chain-root.ts";
export type { FailedRun } from "./records/artifacts/failed-runs.ts";
export { identityOf, type SignerIdentity } from "./records/artifacts/identity.ts";
export { type KeyDigest, keyDigestsOf, parseKeyDigest } from "./records/artifacts/key-digest.ts";
export type { ArtifactReading, OpenedBundle } from "./records/artifacts/opened-bundle.ts";
export type { LawfulClaim, OutputClaim, OutputClaims } from "./records/artifacts/output-claims.ts";
export { type SaidFailure, saidFailure } from "./records/artifacts/run-failure.ts";
export { sshFingerprint } from "./records/artifacts/ssh-key.ts";
export { countTree, type TreeCounts } from "./records/tree/count-tree.ts";
export { type Crypto, matchesDigest, type RunningSha256 } from "./system/bytes/crypto.ts";
export { verifyStrictly } from "./system/bytes/ed25519-rule.ts";
export { digestToHex, type HexDigest } from "./system/bytes/hex.ts";
export { DEFAULT_LIMITS, type Limits } from "./system/bytes/limits.ts";
export { type Fault, type Ok, ok, type Result } from "./system/bytes/result.ts";
export { formatUtcSecond, utcSeconds } from "./system/bytes/utc-time.ts";
export { type Subtle, WebCrypto } from "./system/bytes/web-crypto.ts";
export {
  type CountersignatureCode,
  type FileProofCode,
  type NoteCode,
  READING_CODES,
  RESTORE_CODES,
  type ReadingCode,
  type RestoreCode,
  type TimestampFlaw,
  TRANSACTION_CODES,
  type TrustCode,
  VERIFIER_CODES,
  type VerifierCode,
} from "./system/codes/codes.ts";
export { type Expectation, findUnmet, type UnmetExpectation } from "./system/codes/expectation.ts";
export type { RejectionDetails, TreeCode } from "./system/codes/rejection-message.ts";
export { PHASES, type Phase, type Rejection, type Undecided } from "./system/codes/verdict.ts";
export { isJsonObject, type JsonObject, type JsonValue } from "./system/json/json-value.ts";
export { parseStrictJson } from "./system/json/strict-json.ts";
export { ARTIFACT_NAMES, type ArtifactName } from "./system/paths/artifact-name.ts";
export { type OutputPath, type PathBreach, parseOutputPath } from "./system/paths/output-path.ts";
export { printable, quote } from "./system/paths/quote.ts";
