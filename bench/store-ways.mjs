/**
 * What is run of the store, and of tools that keep copies too, as shell lines (peers.mjs). Of each tool, `out` is kept first; for a
 * collection, `other` is kept beside it, the same files with one byte more, and then the first is given up.
 */

/** The operations, with their titles. */
export const STORE_OPERATIONS = {
  keep: "seal, keeping",
  keepAgain: "seal again, keeping, the tree unchanged",
  verifyStored: "verify what is kept",
  restoreStored: "restore what is kept into a new folder",
  collect: "collect, half of the runs removed",
};

const RUN = 'exec "$NODE" "$RUNSEAL"';

/** What only changes how much of the store is believed and which head was seen last. */
const FORGET = 'rm -rf "$XDG_STATE_HOME"';
const FIRST_HEAD =
  'rm -rf .runseal/runs/again "$XDG_STATE_HOME/runseal/heads" && cp "$WORK/HEAD" .runseal/HEAD';
const SEAL_AGAIN = '"$NODE" "$RUNSEAL" seal out --id again';

const AS_BEFORE = (saved) => `rm -rf .runseal && cp -a "$WORK/${saved}" .runseal && ${FORGET}`;

/** The second tree, and the list that `sha256sum -c` reads. */
export const PREPARE_TREES = `cp -a out other && find other -type f -exec chmod u+w {} + &&
  find other -type f -exec sh -c 'for file; do echo >> "$file"; done' sh {} +`;

/** Stores as they are before each operation: of one run, and of two without the first. */
export const PREPARE_STORES = `"$NODE" "$RUNSEAL" init --no-passphrase &&
  "$NODE" "$RUNSEAL" seal out --id bench && cp .runseal/HEAD "$WORK/HEAD" && cp -a .runseal "$WORK/store" &&
  "$NODE" "$RUNSEAL" seal other --id other && cp -a .runseal "$WORK/two" && rm -rf "$WORK/two/runs/bench"`;

/** Puts the store of one run in its place, before an operation. */
export const RESET_STORE = AS_BEFORE("store");

const RUNSEAL = {
  keep: [{ who: "runseal", before: `rm -rf .runseal && ${FORGET}`, line: `${RUN} seal out --id bench` }],
  keepAgain: [
    { who: "runseal, the second seal", before: `${FIRST_HEAD} && ${FORGET}`, line: `exec ${SEAL_AGAIN}` },
    {
      who: "runseal, a later seal",
      before: `${FIRST_HEAD} && ${SEAL_AGAIN} && ${FIRST_HEAD}`,
      line: `exec ${SEAL_AGAIN}`,
    },
  ],
  verifyStored: [
    { who: "runseal verify --stored", line: `${RUN} verify .runseal/runs/bench --stored` },
    { who: "runseal store check", line: `${RUN} store check` },
    { who: "sha256sum -c", needs: ["sha256sum"], line: 'sha256sum --quiet -c "$WORK/list"' },
  ],
  restoreStored: [{ who: "runseal", line: `${RUN} restore .runseal/runs/bench --to "$THERE/new" --mkdir` }],
  collect: [{ who: "runseal prune", before: AS_BEFORE("two"), line: `${RUN} prune` }],
};

const ostreeCommit = (repo, tree) =>
  `ostree commit --repo="${repo}" --branch=${tree} --tree=dir=${tree} --owner-uid=0 --owner-gid=0`;

/** Each: `who`, the programs it needs, how its repositories are made, where they are, its lines. */
export const STORE_PEERS = [
  {
    who: "restic",
    needs: ["restic"],
    prepare: `restic -q init && restic -q backup out && cp -a "$WORK/restic" "$WORK/restic-two" &&
      restic -q -r "$WORK/restic-two" backup other`,
    repository: "restic",
    keep: {
      before: `rm -rf "$WORK/restic-new" && restic -q -r "$WORK/restic-new" init`,
      line: 'restic -q -r "$WORK/restic-new" backup out',
    },
    keepAgain: { line: "restic -q backup out" },
    verifyStored: { line: "restic -q check --read-data" },
    restoreStored: { line: 'restic -q restore latest --verify --target "$THERE"' },
    collect: {
      before: 'rm -rf "$WORK/restic-gc" && cp -a "$WORK/restic-two" "$WORK/restic-gc"',
      line: 'restic -q -r "$WORK/restic-gc" forget --keep-last 1 --group-by "" --prune',
    },
  },
  {
    who: "borg",
    needs: ["borg"],
    prepare: "borg init -e repokey-blake2 && borg create ::out out",
    repository: "borg",
    keep: {
      before: `rm -rf "$WORK/borg-new" && BORG_REPO="$WORK/borg-new" borg init -e repokey-blake2`,
      line: 'BORG_REPO="$WORK/borg-new" borg create ::out out',
    },
    keepAgain: { before: "borg delete -a again-*", line: "borg create ::again-1 out" },
    verifyStored: { line: "borg check --verify-data" },
    restoreStored: { line: 'cd "$THERE" && borg extract ::out' },
    collect: {
      // borg refuses a copy of a repository that it knows.
      before: `rm -rf "$WORK/borg-gc" && export BORG_REPO="$WORK/borg-gc" && borg init -e repokey-blake2 &&
        borg create ::out out && borg create ::other other`,
      line: 'export BORG_REPO="$WORK/borg-gc" && borg delete ::out && borg compact',
    },
  },
  {
    who: "ostree",
    needs: ["ostree"],
    prepare: `ostree init --repo="$WORK/ostree" --mode=bare-user-only && ${ostreeCommit("$WORK/ostree", "out")} &&
      cp -a "$WORK/ostree" "$WORK/ostree-two" && ${ostreeCommit("$WORK/ostree-two", "other")}`,
    repository: "ostree",
    keep: {
      before: `rm -rf "$WORK/ostree-new" && ostree init --repo="$WORK/ostree-new" --mode=bare-user-only`,
      line: ostreeCommit("$WORK/ostree-new", "out"),
    },
    keepAgain: { line: ostreeCommit("$WORK/ostree", "out") },
    verifyStored: { line: 'ostree fsck -q --repo="$WORK/ostree"' },
    restoreStored: { line: 'ostree checkout --force-copy -U --repo="$WORK/ostree" out "$THERE/out"' },
    collect: {
      before: 'rm -rf "$WORK/ostree-gc" && cp -a "$WORK/ostree-two" "$WORK/ostree-gc"',
      line: 'ostree refs --repo="$WORK/ostree-gc" --delete out && ostree prune --repo="$WORK/ostree-gc" --refs-only',
    },
  },
];

/** All that take part in an operation, runseal first. */
export function storeWaysOf(operation, peers) {
  const others = peers.flatMap(({ needs, unprepared, who, [operation]: way }) =>
    way === undefined ? [] : [{ who, needs, unprepared, ...way }],
  );
  return [...RUNSEAL[operation], ...others];
}
