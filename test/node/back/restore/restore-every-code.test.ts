import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  RESTORE_CODES,
  type RestoreCode,
  type RevertCode,
  TRANSACTION_CODES,
} from "../../../../src/core/system/codes/codes.ts";
import { readVectors } from "../../../support/bundles/vectors.ts";

/** Codes that vectors raise, with their phases, and with what is then on the disk. */
const BY_VECTORS = [...readVectors("restore_bundle"), ...readVectors("restore_chain")].flatMap(
  ({ expect: { code } }) => code ?? [],
);

const COMMAND = "cli/restore/restore-chain";
const CODES = "node/back/restore/restore-codes";
const UNDO = "cli/restore/undo";

/** The tests that raise every other code. */
const BY_TESTS: Readonly<Partial<Record<Exclude<RestoreCode, RevertCode>, string>>> = {
  EXPECTATION_FAILED: COMMAND,
  RESTORE_SELECTION_NOT_FOUND: COMMAND,
  RESTORE_LINK_LEAVES_ROOT: "cli/restore/restore-tree",
  RESTORE_PARENT_SHARED: "cli/restore/restore-elsewhere",
  RESTORE_OUTPUT_HASHES_MISSING: CODES,
  RESTORE_OUTPUT_HASHES_MALFORMED: CODES,
  RESTORE_OUTPUT_HASHES_HASHES_MISSING: CODES,
  RESTORE_SOURCE_MISSING: CODES,
  RESTORE_STAGING_HASH_MISMATCH: CODES,
  RESTORE_OUTPUT_MISSING_AFTER_RESTORE: CODES,
  RESTORE_HASH_MISMATCH_AFTER_RESTORE: CODES,
  RESTORE_ROLLBACK_FAILED: CODES,
  RESTORE_INTERNAL_ERROR: CODES,
  RESTORE_UNRESOLVED: "node/back/restore/restore-astray",
  RESTORE_BUSY: "cli/restore/recover",
  IN_DOUBT: "cli/restore/recover",
  RECOVER_FOREIGN_JOURNAL: "cli/restore/recover",
  RESTORE_STATE_UNAVAILABLE: "cli/restore/recover-foreign",
  RESTORE_TOO_FEW_DESCRIPTORS: "cli/restore/recover-leftovers",
  UNDO_LIST_INVALID: UNDO,
  UNDO_TARGET_CHANGED: UNDO,
};

describe("every code of a restore and of an undo is raised (PROTOCOL 13)", () => {
  it("by a vector, or by a test that is named here", () => {
    const named = new Set([...BY_VECTORS, ...Object.keys(BY_TESTS)]);
    expect([...named].sort()).toEqual([...RESTORE_CODES, ...TRANSACTION_CODES].sort());
  });

  it.each(Object.entries(BY_TESTS))("%s by test/%s.test.ts", (code, file) => {
    const text = readFileSync(new URL(`../../../${file}.test.ts`, import.meta.url), "utf8");
    expect(text).toMatch(new RegExp(`\\b${code}\\b`));
  });
});
