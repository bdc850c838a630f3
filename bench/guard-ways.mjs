/**
 * What is run of guards, and of tools that people use as a way back, as shell lines (peers.mjs). All work in `out`. The shadow
 * repository of git is outside of it, as the snapshots of coding agents are; `git stash` needs one inside.
 */

/** The operations, with their titles. */
export const GUARD_OPERATIONS = {
  guardFirst: "first snapshot",
  guardUnchanged: "snapshot, nothing changed",
  guardOneChanged: "snapshot, one file changed",
  guardUndo: "take back the change of 1,000 files",
};

const RUN = 'exec "$NODE" "$RUNSEAL"';
const SHADOW = 'export GIT_DIR="$WORK/shadow" GIT_WORK_TREE="$PWD/out" && cd out';
const NEW_SHADOW = 'rm -rf "$WORK/shadow" && git init -q --bare "$WORK/shadow"';
const INNER = 'export GIT_DIR="$WORK/inner" GIT_WORK_TREE="$PWD/out" && cd out';

/** Another text of the same length in one file, and in a thousand. */
const CHANGE_ONE = 'f=$(head -1 "$WORK/guarded") && date +%s.%N > "$f"';
const CHANGE_MANY = 'head -1000 "$WORK/guarded" | while IFS= read -r file; do echo changed > "$file"; done';

/** Lists the files that are changed, and keeps what is in `out` in all ways once. */
export const PREPARE_GUARD = `"$NODE" "$RUNSEAL" init --no-passphrase && find out -type f | sort > "$WORK/guarded" &&
  "$NODE" "$RUNSEAL" snapshot out --id bench`;

/** Which ways take part in an operation. */
export function guardWaysOf(operation) {
  return WAYS.flatMap(({ needs, who, [operation]: way }) =>
    way === undefined ? [] : [{ who, needs, ...way }],
  );
}

const WAYS = [
  {
    who: "runseal",
    guardFirst: { before: 'rm -rf "$XDG_DATA_HOME" "$XDG_STATE_HOME"', line: `${RUN} snapshot out` },
    guardUnchanged: { before: '"$NODE" "$RUNSEAL" snapshot out', line: `${RUN} snapshot out` },
    guardOneChanged: {
      before: `"$NODE" "$RUNSEAL" snapshot out && ${CHANGE_ONE}`,
      line: `${RUN} snapshot out`,
    },
    guardUndo: {
      before: `"$NODE" "$RUNSEAL" snapshot out --json > "$WORK/snapshot" && ${CHANGE_MANY}`,
      line: `cd out && ${RUN} undo --to "$(sed 's/.*"run_id":"\\([^"]*\\)".*/\\1/' "$WORK/snapshot")"`,
    },
  },
  {
    who: "git add -A, a shadow repository",
    needs: ["git"],
    guardFirst: { before: NEW_SHADOW, line: `${SHADOW} && exec git add -A` },
    guardUnchanged: { before: `(${SHADOW} && git add -A)`, line: `${SHADOW} && exec git add -A` },
    guardOneChanged: {
      before: `(${SHADOW} && git add -A) && ${CHANGE_ONE}`,
      line: `${SHADOW} && exec git add -A`,
    },
    guardUndo: {
      before: `(${SHADOW} && git add -A) && ${CHANGE_MANY}`,
      line: `${SHADOW} && exec git checkout-index -a -f`,
    },
  },
  {
    who: "git status",
    needs: ["git"],
    guardUnchanged: {
      before: `(${SHADOW} && git add -A)`,
      line: `${SHADOW} && exec git status --short > "$WORK/status"`,
    },
  },
  {
    who: "git stash create",
    needs: ["git"],
    guardOneChanged: {
      before: `test -d "$WORK/inner" || git init -q --bare "$WORK/inner" && (${INNER} && git add -A &&
        git -c user.name=bench -c user.email=bench commit -q --allow-empty -m bench) && ${CHANGE_ONE}`,
      line: `${INNER} && exec git -c user.name=bench -c user.email=bench stash create`,
    },
  },
  {
    who: "restic backup",
    needs: ["restic"],
    guardFirst: {
      before: 'rm -rf "$RESTIC_REPOSITORY" && restic -q init',
      line: "exec restic -q backup out",
    },
    guardUnchanged: { before: "restic -q backup out", line: "exec restic -q backup out" },
    guardOneChanged: { before: `restic -q backup out && ${CHANGE_ONE}`, line: "exec restic -q backup out" },
    guardUndo: {
      before: `restic -q backup out && ${CHANGE_MANY}`,
      line: "exec restic -q restore latest:/out --delete --target out",
    },
  },
];
