/**
 * The core of runseal: parses bundles and verifies them. Pure, without dependencies: takes bytes and returns verdicts. Gives the
 * same results in Node and in a browser.
 *
 * @module
 */

export { type FilesRequest, verifyFiles } from "./archive/verify-files.ts";
export { type Binding, declaredBytes } from "./artifacts/binding.ts";
export { computeChainRoot } from "./artifacts/chain-root.ts";
export type { FailedRun } from "./artifacts/failed-runs.ts";
export { identityOf, type SignerIdentity } from "./artifacts/identity.ts";
export { type KeyDigest, keyDigestsOf, parseKeyDigest } from "./artifacts/key-digest.ts";
export type { ArtifactReading, OpenedBundle } from "./artifacts/opened-bundle.ts";
export type { LawfulClaim, OutputClaim, OutputClaims } from "./artifacts/output-claims.ts";
export { type SaidFailure, saidFailure } from "./artifacts/run-failure.ts";
export { sshFingerprint } from "./artifacts/ssh-key.ts";
export type { VerifiedOutput } from "./bundle/bundle-facts.ts";
export type { ChainNote } from "./bundle/chain-notes.ts";
export {
  COUNTERSIGNATURES_NAME,
  type CountersignatureFinding,
  type CountersignaturesReading,
  findCountersignatures,
} from "./bundle/countersignature.ts";
export { beginConclusion, judgeHere, type VerifiedBundle } from "./bundle/judge.ts";
export { type JudgedBundle, VERIFY } from "./bundle/orders.ts";
export type { OutputFinding, OutputFindings } from "./bundle/phases/findings.ts";
export type { VerifyContext } from "./bundle/phases/judging.ts";
export { outputFailures } from "./bundle/phases/outputs.ts";
export type { LookedTree, UnendedBundle } from "./bundle/phases/tree.ts";
export { type BundleTimestamps, TIMESTAMPS_NAME } from "./bundle/timestamps.ts";
export { BundleChain, type ChainBundle, judgeChain, type VerifiedChain } from "./bundle/verify-chain.ts";
export { type Crypto, matchesDigest, type RunningSha256 } from "./bytes/crypto.ts";
export { verifyStrictly } from "./bytes/ed25519-rule.ts";
export { digestToHex, type HexDigest } from "./bytes/hex.ts";
export { DEFAULT_LIMITS, type Limits } from "./bytes/limits.ts";
export { type Fault, type Ok, ok, type Result } from "./bytes/result.ts";
export { formatUtcSecond, utcSeconds } from "./bytes/utc-time.ts";
export { type Subtle, WebCrypto } from "./bytes/web-crypto.ts";
export {
  type CountersignatureCode,
  type FileProofCode,
  type HistoryCode,
  type NoteCode,
  READING_CODES,
  RESTORE_CODES,
  type ReadingCode,
  type RestoreCode,
  type TimestampFlaw,
  TRANSACTION_CODES,
  type TreeCode,
  type TrustCode,
  VERIFIER_CODES,
  type VerifierCode,
} from "./codes/codes.ts";
export { type Expectation, findUnmet, type UnmetExpectation } from "./codes/expectation.ts";
export type { RejectionDetails } from "./codes/rejection-message.ts";
export { PHASES, type Phase, type Rejection, type Undecided } from "./codes/verdict.ts";
export { computeHistory } from "./history/history.ts";
export type {
  History,
  HistoryFinding,
  HistoryHead,
  HistoryHeads,
  HistoryPlace,
  HistoryRun,
} from "./history/history-model.ts";
export { isJsonObject, type JsonObject, type JsonValue } from "./json/json-value.ts";
export { parseStrictJson } from "./json/strict-json.ts";
export { ARTIFACT_NAMES, type ArtifactName } from "./paths/artifact-name.ts";
export { type OutputPath, type PathBreach, parseOutputPath } from "./paths/output-path.ts";
export { printable, quote } from "./paths/quote.ts";
export {
  type CheckedFileProof,
  checkFileProof,
  checkProvenBytes,
  findProvenByDigest,
  findProvenFile,
} from "./proof/check-file-proof.ts";
export {
  type FileProof,
  type FileProofFault,
  type FileProofReason,
  type ProvenFile,
  parseFileProof,
} from "./proof/file-proof.ts";
export {
  OUTPUTS_ROOT_NAME,
  parseOutputsRoot,
  type SignedOutputsStatement,
  statementHolds,
} from "./proof/outputs-root.ts";
export { verifyProofChain, walkProofHistory } from "./proof/proof-chain.ts";
export { checkProofDocument } from "./proof/proof-document.ts";
export { type Proof, parseProof } from "./proof/proof-schema.ts";
export { encodeProofMessage, verifyProofSignature } from "./proof/proof-signature.ts";
export type { Mismatch, Restoration, RestorationCondition } from "./proof/restoration.ts";
export type { TrustAuthority } from "./trust/trust-authority.ts";
export type { DecidingLine, TrustPolicy, TrustSource } from "./trust/trust-decision.ts";
export { parseTrustFile, type TrustFile, type TrustFileFault } from "./trust/trust-file.ts";
export { parseKeyText, type TrustLine, type TrustLineReason } from "./trust/trust-line.ts";
export {
  type Countersigner,
  decideTrust,
  listCountersigners,
  questionOf,
  type TrustDecision,
  type TrustQuestion,
} from "./trust/trust-policy.ts";
export type { TrustThreshold } from "./trust/trust-threshold.ts";
export type { TimeFinding, TokenFinding } from "./trust/trusted-time.ts";
