/**
 * The whole core, for the other layers of this package. Not published: a name that `index.ts` does not export may change at any time.
 *
 * @module
 */

export {
  type ArchiveFault,
  type ArchiveFlaw,
  archiveFault,
} from "./archive/archive-fault.ts";
export { type ArchiveEvent, ArchiveParser } from "./archive/archive-parser.ts";
export { type ArchiveWalk, type EntryEvent, walkBundles, walkOutputs } from "./archive/archive-walk.ts";
export { BUNDLE_FILES, bundleFilePath, bundleOfFiles } from "./archive/bundle-files.ts";
export { type ArchiveEntry, END_MARKER, encodeHead, paddingOf } from "./archive/entry-head.ts";
export { BEGINNING_BYTES, beginsAsArchive } from "./archive/foreign-archive.ts";
export { areInOrder, outputEntries, PLAIN_MODES } from "./archive/output-entries.ts";
export { judgeOpened, webContext } from "./archive/verify-files.ts";
export { bindingObject, boundTree, declaredTime } from "./artifacts/binding.ts";
export type { BoundGuard } from "./artifacts/bound-guard.ts";
export { computeBundleRoot } from "./artifacts/bundle-root.ts";
export { compareOutputs } from "./artifacts/compare-outputs.ts";
export { NO_FAILED_RUNS } from "./artifacts/failed-runs.ts";
export { parsePublicKey } from "./artifacts/identity.ts";
export { idDigest, looksLikeKeyDigest } from "./artifacts/key-digest.ts";
export { eachArtifact } from "./artifacts/opened-bundle.ts";
export { NO_CLAIMS, OutputClaims } from "./artifacts/output-claims.ts";
export {
  BYTES_BESIDE_PATH,
  declareDigest,
  type FileColumns,
  OutputTable,
  parseDeclaredDigest,
} from "./artifacts/output-table.ts";
export { isAfter } from "./artifacts/signed-elsewhere.ts";
export { encodeSigningMessage, signedPayload } from "./artifacts/signing-message.ts";
export { parseSshKey } from "./artifacts/ssh-key.ts";
export {
  addCountersignature,
  encodeCountersigningMessage,
  type NewCountersignature,
} from "./bundle/countersignature.ts";
export type { UnsettledBundle } from "./bundle/judge.ts";
export { mergeCountersignatures } from "./bundle/merge-countersignatures.ts";
export {
  FINDING_KINDS,
  type FindingColumns,
  type FindingKind,
  FindingTable,
} from "./bundle/phases/findings.ts";
export type { SignatureQuestion } from "./bundle/phases/judging.ts";
export { readTree, treeBinding } from "./bundle/phases/tree.ts";
export {
  admitCandidate,
  admitFailedCandidate,
  admitOutputs,
  admitSelection,
  beginCandidate,
  concludeCandidate,
  concludeSelection,
  type EligibleBundle,
  judgeCandidate,
  type RestoreCandidate,
} from "./bundle/restore-order.ts";
export { Shelf } from "./bundle/shelf.ts";
export {
  encodeTimestamps,
  findTimestamps,
  readSignature,
  readTimestamps,
  type TimestampsReading,
} from "./bundle/timestamps.ts";
export { type AwaitedBundle, awaitOutputs, beginJudging } from "./bundle/verify-bundle.ts";
export { checkRunIds } from "./bundle/verify-chain.ts";
export { compareRanges, concatBytes, isSameBytes } from "./bytes/bytes.ts";
export { countOf, numberOf } from "./bytes/count-text.ts";
export { DigestIndex } from "./bytes/digest-index.ts";
export { DIGEST_BYTES, isHexDigest, parseHex, toHex } from "./bytes/hex.ts";
export { HexDigests } from "./bytes/hex-digests.ts";
export {
  MAX_COUNTERSIGNATURES_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_EVIDENCE_KEYS,
  MAX_EVIDENCE_LIST_BYTES,
  MAX_FILE_PROOF_BYTES,
  MAX_LINE_PATTERNS,
  MAX_OUTPUTS_ROOT_BYTES,
  MAX_PATTERN_BYTES,
  MAX_TIMESTAMP_BYTES,
  MAX_TIMESTAMPS,
  MAX_TIMESTAMPS_BYTES,
  MAX_TRUST_AUTHORITIES,
  MAX_TRUST_FILE_BYTES,
  MAX_TRUST_LINE_BYTES,
  MAX_TRUST_LINES,
  MAX_TRUST_LINES_OF_KEY,
  MAX_TRUST_NAMES,
  MAX_TRUST_THRESHOLDS,
} from "./bytes/limits.ts";
export {
  byPath,
  firstItems,
  inPathOrder,
  itemAt,
  joinListings,
  type Listing,
  makeListing,
} from "./bytes/listing.ts";
export { compareUtf8, decodeUtf8, encodeUtf8, sortUtf8 } from "./bytes/utf8.ts";
export type { EvidenceCode, RevertCode, TimestampFlaw } from "./codes/codes.ts";
export { boundRunId } from "./codes/expectation.ts";
export { faultWords } from "./codes/fault-words.ts";
export { PHASE_WORDS } from "./codes/phase-words.ts";
export { explainMalformed } from "./codes/rejection-message.ts";
export {
  type BlockedPath,
  type ChangedPath,
  type ChangedTarget,
  type MachineReason,
  type OpenFile,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
  withOutcome,
} from "./codes/restore-fault.ts";
export type { EntryKind } from "./codes/tree-reasons.ts";
export { inChain, reject } from "./codes/verdict.ts";
export { encodeBsdSums, encodeSha256Sums, isBsdName, isSumsName } from "./evidence/digest-list.ts";
export {
  type DsseEnvelope,
  envelopeObject,
  IN_TOTO_PAYLOAD_TYPE,
  preAuthEncoding,
} from "./evidence/dsse.ts";
export {
  encodeLayout,
  encodeLink,
  inTotoKeyId,
  isInspectionFile,
  linkFileName,
  MAX_REQUIRED,
} from "./evidence/in-toto-link.ts";
export { keyNumberOf } from "./evidence/key-number.ts";
export {
  encodeMinisignGlobal,
  encodeMinisignKey,
  encodeMinisignMessage,
  encodeMinisignSignature,
} from "./evidence/minisign.ts";
export {
  LINK_PREDICATE_TYPE,
  predicateOf,
  SEAL_PREDICATE_TYPE,
  SLSA_PREDICATE_TYPE,
  slsaPredicate,
} from "./evidence/predicates.ts";
export {
  allowedSignersLine,
  publicKeyPem,
  SUMS_PRINCIPAL,
  sshPublicKeyLine,
} from "./evidence/public-key-forms.ts";
export type { EvidenceCrypto } from "./evidence/reading/evidence-crypto.ts";
export {
  type EvidenceDetails,
  type EvidenceFault,
  type EvidenceReason,
  evidenceFault,
  malformed,
  unsupported,
} from "./evidence/reading/evidence-fault.ts";
export { type JudgedEvidence, judgeEvidence } from "./evidence/reading/judge-evidence.ts";
export { namedRun } from "./evidence/reading/named-run.ts";
export {
  type EcdsaKey,
  type EvidenceKey,
  ed25519Key,
  parseNumberedKey,
  parsePublicKeyText,
  spkiDigest,
} from "./evidence/reading/public-key.ts";
export { readDigestList } from "./evidence/reading/read-digest-list.ts";
export {
  type Evidence,
  type EvidenceForm,
  isDetached,
  type ReadProof,
  readEvidence,
} from "./evidence/reading/read-evidence.ts";
export type { ReadStatement } from "./evidence/reading/read-statement.ts";
export { type RunEvidence, readRunEvidence } from "./evidence/run-evidence.ts";
export {
  encodeSignifyKey,
  encodeSignifyMessage,
  encodeSignifySignature,
} from "./evidence/signify.ts";
export { emptyTrustedRoot, sigstoreBundle } from "./evidence/sigstore-bundle.ts";
export {
  encodeSshSignature,
  encodeSshSignedData,
  SUMS_NAMESPACE,
} from "./evidence/ssh-signature.ts";
export {
  encodeStatement,
  ROOT_SUBJECT,
} from "./evidence/statement.ts";
export { isOwnSubject, MANIFEST_SUBJECT, SUMS_SUBJECT, subjectsOf } from "./evidence/subjects.ts";
export {
  VERDICT_PREDICATE_TYPE,
  type VerdictFacts,
  verdictStatement,
} from "./evidence/verdict-statement.ts";
// biome-ignore lint/performance/noReExportAll: a part of this list, which would be too long.
export * from "./history-names.ts";
// biome-ignore lint/performance/noReExportAll: the names are pinned in index.ts, and the bundler removes what is unused.
export * from "./index.ts";
export { encodeInPieces, encodeOwn, type LongJson } from "./json/canonical-json.ts";
export { JsonNumber, jsonObject, memberIn } from "./json/json-value.ts";
export {
  checked,
  count,
  DIGEST,
  type Kind,
  list,
  MOMENT,
  mapped,
  named,
  object,
  oneOf,
  orNull,
  type RecordFile,
  readAs,
  recordFile,
  text,
  where,
} from "./json/record.ts";
export { parseObject, type StrictJsonReason } from "./json/strict-json.ts";
// biome-ignore lint/performance/noReExportAll: a part of this list, which would be too long.
export * from "./pack-names.ts";
export {
  FORBIDDEN_NAMES,
  isArtifactName,
  isConfusableName,
  OUTPUT_TREE_NAME,
  resemblesForbiddenName,
} from "./paths/artifact-name.ts";
export { type IgnoreFault, IgnorePatterns, ignoreLines } from "./paths/ignore-patterns.ts";
export { findNameCollisions } from "./paths/name-collision.ts";
export { findNameBreach, type NameBreach } from "./paths/portable-name.ts";
export { quoteIfNeeded } from "./paths/quote.ts";
export { isRunId } from "./paths/run-id.ts";
export {
  encodeFileProof,
  type FileProofFacts,
  fileProofFault,
  isFileProofFault,
  makeFileProof,
} from "./proof/file-proof.ts";
export { linkProof, type MadeProof, makeProof } from "./proof/make-proof.ts";
export {
  computeManifestRoot,
  computeRootOfLeaves,
  leafPreimage,
  type ManifestEntry,
} from "./proof/merkle.ts";
export { encodeOutputsMessage, encodeOutputsRoot } from "./proof/outputs-root.ts";
export type { ProofDomain } from "./proof/proof-domains.ts";
export { admitStatement, type ProvableBundle } from "./proof/prove-files.ts";
// biome-ignore lint/performance/noReExportAll: a part of this list, which would be too long.
export * from "./registry-names.ts";
export {
  checkSource,
  checkTargetsInSteps,
  refuseLeavingLinks,
  refuseReportNames,
  type SourceKind,
  type TargetKind,
} from "./restore/plan-checks.ts";
export { planRevert } from "./restore/plan-revert.ts";
export { emptyFoldersOf, type FolderMode, type LinkChoice } from "./restore/planned-tree.ts";
export {
  encodeChainManifest,
  encodeRestoredTree,
  encodeRestoreManifest,
  encodeRestoreReport,
  RESTORE_TREE_NAME,
  RESULT_ARTIFACTS,
  type RestoredFile,
  type RestoredTree,
  resultArtifacts,
} from "./restore/restore-artifacts.ts";
export {
  checkHashesNotEmpty,
  checkHashesUnchanged,
  checkRestorePath,
  checkRestoreProof,
  checkTreePath,
  STAGING_PREFIX,
} from "./restore/restore-gate.ts";
export {
  type PlannedRun,
  planChainRestore,
  planRestore,
  type RestorePlan,
  type RestoreSelection,
  targetPath,
} from "./restore/restore-plan.ts";
export { parseRestoredTree, parseRestoreRecord, type RestoreRecord } from "./restore/restore-record.ts";
export { RestoredFiles } from "./restore/restored-files.ts";
export type { PlaceFacts, RevertOutlook, RevertPlaces } from "./restore/revert-outlook.ts";
export {
  type FileOrLink,
  isEmptyPlan,
  type PlannedMode,
  type PlannedMove,
  type PlannedPut,
  type RevertPlan,
} from "./restore/revert-plan.ts";
export type { RevertChoice } from "./restore/revert-set.ts";
export { isSelected, selectRows } from "./restore/selection.ts";
export { differingPaths } from "./restore/snapshot-difference.ts";
export { isSameEntry, SnapshotView } from "./restore/snapshot-view.ts";
export {
  type CertificateKey,
  type CurveName,
  countedDigest,
  type DigestName,
  signatureKind,
} from "./time/algorithms.ts";
export {
  BASIC_CONSTRAINTS,
  type Certificate,
  type CertificateFields,
  EXTENDED_KEY_USAGE,
  KEY_USAGE,
  mayCertify,
} from "./time/certificate.ts";
export { contextTag, type DerNode, parseDer, type ReadBer, TAG } from "./time/der.ts";
export { booleanOf, integerBytes, partsIn, plainAlgorithm, smallInteger } from "./time/der-values.ts";
export { authoritiesOf, findTime } from "./time/find-time.ts";
export { judgeToken, type SoundToken, type TokenDemand, type TokenFault } from "./time/judge-token.ts";
export { isSame, type TimePlatform } from "./time/time-platform.ts";
export { findAuthority, type ListedAuthority } from "./time/trust-token.ts";
export { compareTree } from "./tree/compare-tree.ts";
export { encodeTree } from "./tree/encode-tree.ts";
export { countPrograms, isProgramMode, PERMISSIONS, THROUGH_LINK, writeMode } from "./tree/file-modes.ts";
export { GrowingTexts } from "./tree/growing-texts.ts";
export { countLeaving, LinkJudge, unsealedEnds } from "./tree/link-judge.ts";
export { mergePaths } from "./tree/merge-paths.ts";
export {
  LEFT_OUT_REASONS,
  type ModePaths,
  type OutputTree,
  outputPaths,
  type PathPairs,
  type SealedTree,
} from "./tree/output-tree.ts";
export { type IsPassedOver, parsePassedOver } from "./tree/passed-over.ts";
export { TextViews } from "./tree/text-views.ts";
export { compareTrees, type LoneEntry } from "./tree/tree-changes.ts";
export { type TreeDifferences, treeFailure } from "./tree/tree-difference.ts";
export type { FoundEntry, ListedEntry, TreeDisk } from "./tree/tree-disk.ts";
export { findExtras } from "./tree/tree-extras.ts";
export { foldersOf } from "./tree/tree-folders.ts";
export { checkTree, isTarget } from "./tree/tree-law.ts";
export type { TreeLink } from "./tree/tree-places.ts";
export { decideCandidate } from "./trust/decide-candidate.ts";
export { decideByLines, describeLine } from "./trust/trust-decision.ts";
export {
  appendTrustLine,
  type NewAuthorityBreach,
  type NewTrustLineBreach,
  removeTrustLines,
  revokeTrustLines,
  writeAuthority,
  writeTrustLine,
} from "./trust/trust-edit.ts";
export { parseMoment, UNRESTRICTED } from "./trust/trust-line.ts";
export {
  concludeTime,
  contradicts,
  timeWords,
  tokenMoment,
  type VouchedMoment,
} from "./trust/trusted-time.ts";
export { completeUnsigned } from "./unsigned/complete-unsigned.ts";
export {
  readUnsigned,
  UNSIGNED_NAMES,
  type UnsignedBundle,
} from "./unsigned/read-unsigned.ts";
export type { UnsignedFault, UnsignedFlaw } from "./unsigned/unsigned-fault.ts";
