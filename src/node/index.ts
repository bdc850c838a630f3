/**
 * runseal as a library for Node: seal, verify and restore real files. What is pure is in `runseal/core`.
 *
 * @module
 */

export { hashFiles } from "./files/hash-files.ts";
export { openBundle, runIdOf } from "./files/open-bundle.ts";
export { Interruption } from "./interruption.ts";
export { createKeyFile, openKeyFile } from "./keys/key-file.ts";
export {
  configFolder,
  type Environment,
  listKeys,
  type MadeKey,
  makeOwnKey,
  onlyKey,
  ownTrustFile,
  type StoredKey,
  trustLine,
} from "./keys/key-store.ts";
export { SecretBytes } from "./keys/secret-bytes.ts";
export type { Signer } from "./keys/signer.ts";
export { nodeCrypto } from "./node-crypto.ts";
export {
  OPERATION_CODES,
  type OperationCode,
  type OperationDetails,
  type OperationFault,
  operationFault,
  type RefusedPath,
} from "./operation-fault.ts";
export { readTrustPolicy, type TrustRequest, type TrustRequestFault } from "./read-trust.ts";
export type { TrustDemand } from "./restore/eligibility.ts";
export { type RestoreRequest, restoreBundle } from "./restore/restore-bundle.ts";
export type { RestoreFailure, RestoreOutcome, RestoreSuccess } from "./restore/restore-outcome.ts";
export { isRunId, makeRunId, type SealedBundle, type SealRequest, sealOutputs } from "./seal/seal-outputs.ts";
export { OWN_FOLDER } from "./seal/select-outputs.ts";
export {
  reportOnBundle,
  type VerifyFailure,
  type VerifyReport,
  type VerifyRequest,
  verifyBundle,
} from "./verify/verify-bundle-files.ts";
export { type VerifyChainRequest, verifyChain } from "./verify/verify-chain-files.ts";
export { RUNSEAL_VERSION } from "./version.ts";
