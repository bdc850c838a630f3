/**
 * The tools that runseal is measured against, as the shell lines that are run. A line's whole time counts, from the
 * start of the shell until it exits; `prepare` and `before` are not timed. The lines run in the project, where the files
 * are below `out/`; $WORK is the tool's own, $THERE is empty and restored into.
 */

const CHECK = 'sha256sum --quiet -c "$WORK/list"';
const CHECK_TWO =
  'sha256sum --quiet -c "$WORK/half-a" & first=$!; sha256sum --quiet -c "$WORK/half-b" && wait $first';
const LIST = "find out -type f -print0 | xargs -0 sha256sum";
const LIST_TWO = "find out -type f -print0 | xargs -0 -P 2 -n 2000 sha256sum";

/** Copying and checking the source and the copy: the least that does a restore's work. */
const COPY = `cp -a out "$THERE/" && ${CHECK} && (cd "$THERE" && ${CHECK})`;

/** Made once a workload: the list that most peers need. */
export const PREPARE_LIST = `find out -type f -print0 | sort -z | xargs -0 sha256sum > "$WORK/list" &&
  split -n r/2 -a 1 "$WORK/list" "$WORK/half-"`;

/**
 * Each: `who`; the `needs`, programs without which it isn't run; whether it `authenticates`, that is, checks a
 * signature or a MAC; its lines.
 */
export const PEERS = [
  { who: "sha256sum -c", needs: ["sha256sum"], verify: CHECK },
  { who: "two sha256sum -c", needs: ["sha256sum"], filesAtLeast: 2, verify: CHECK_TWO },
  {
    who: "bare Node, two threads",
    needs: [],
    filesAtLeast: 1_000,
    verify: 'exec "$NODE" "$BENCH/bare-node.mjs" "$WORK/half-a" "$WORK/half-b"',
  },
  {
    who: "minisign + sha256sum",
    needs: ["minisign", "sha256sum"],
    authenticates: true,
    prepare: `minisign -G -W -f -p "$WORK/minisign.pub" -s "$WORK/minisign.key" &&
      minisign -S -s "$WORK/minisign.key" -m "$WORK/list"`,
    verify: `minisign -V -q -p "$WORK/minisign.pub" -m "$WORK/list" && ${CHECK}`,
    seal: `${LIST} > "$WORK/new" && minisign -S -s "$WORK/minisign.key" -m "$WORK/new"`,
  },
  {
    who: "minisign + two sha256sum",
    needs: ["minisign", "sha256sum"],
    filesAtLeast: 2,
    seal: `${LIST_TWO} > "$WORK/new" && minisign -S -s "$WORK/minisign.key" -m "$WORK/new"`,
  },
  {
    who: "cosign + sha256sum",
    needs: ["cosign", "sha256sum"],
    authenticates: true,
    prepare: `cosign generate-key-pair --output-key-prefix "$WORK/cosign" &&
      cosign sign-blob --yes --tlog-upload=false --key "$WORK/cosign.key" --output-signature "$WORK/list.sig" \\
        "$WORK/list"`,
    verify: `cosign verify-blob --key "$WORK/cosign.pub" --insecure-ignore-tlog=true --signature "$WORK/list.sig" \\
      "$WORK/list" && ${CHECK}`,
    seal: `${LIST} > "$WORK/new" && cosign sign-blob --yes --tlog-upload=false --key "$WORK/cosign.key" \\
      --output-signature "$WORK/new.sig" "$WORK/new"`,
  },
  {
    who: "hashdeep",
    needs: ["hashdeep"],
    prepare: 'hashdeep -c sha256 -r -l out > "$WORK/hashdeep"',
    verify: 'hashdeep -j 2 -c sha256 -r -l -a -k "$WORK/hashdeep" out',
    seal: 'hashdeep -j 2 -c sha256 -r -l out > "$WORK/hashdeep-new"',
  },
  {
    who: "ostree, signed",
    needs: ["ostree", "gpg"],
    authenticates: true,
    // gpg starts an agent to sign, which stays; the scene ends it.
    prepare: `mkdir -m 700 "$GNUPGHOME" &&
      gpg --batch -q --passphrase '' --quick-generate-key bench ed25519 sign never &&
      gpg --list-keys --with-colons | awk -F: '/^fpr/ { print $10; exit }' > "$WORK/gpg.key" &&
      gpg --export > "$WORK/gpg.pub" &&
      ostree init --repo="$WORK/ostree" --mode=bare-user-only &&
      ostree remote add --repo="$WORK/ostree" --gpg-import="$WORK/gpg.pub" origin http://localhost/ &&
      ostree commit --repo="$WORK/ostree" --branch=bench --tree=dir=out \\
        --gpg-sign="$(cat "$WORK/gpg.key")" --gpg-homedir="$GNUPGHOME"`,
    verify: `ostree show --repo="$WORK/ostree" --gpg-verify-remote=origin bench | grep -q "Good signature" &&
      ostree fsck -q --repo="$WORK/ostree"`,
    beforeSeal: `rm -rf "$WORK/ostree-new" &&
      ostree init --repo="$WORK/ostree-new" --mode=bare-user-only`,
    seal: `ostree commit --repo="$WORK/ostree-new" --branch=bench --tree=dir=out \\
      --gpg-sign="$(cat "$WORK/gpg.key")" --gpg-homedir="$GNUPGHOME"`,
    restore: `ostree fsck -q --repo="$WORK/ostree" &&
      ostree checkout --force-copy -U --repo="$WORK/ostree" bench "$THERE/out"`,
  },
  {
    who: "restic",
    needs: ["restic"],
    authenticates: true,
    prepare: "restic -q init && restic -q backup out",
    verify: "restic -q check --read-data",
    beforeSeal: `rm -rf "$WORK/restic-new" && restic -q -r "$WORK/restic-new" init`,
    seal: 'restic -q -r "$WORK/restic-new" backup out',
    restore: 'restic -q restore latest --verify --target "$THERE"',
  },
  {
    who: "borg",
    needs: ["borg"],
    authenticates: true,
    prepare: "borg init -e repokey-blake2 && borg create ::bench out",
    verify: "borg check --verify-data",
    beforeSeal: `rm -rf "$WORK/borg-new" && BORG_REPO="$WORK/borg-new" borg init -e repokey-blake2`,
    seal: 'BORG_REPO="$WORK/borg-new" borg create ::bench out',
    restore: 'cd "$THERE" && borg extract ::bench',
  },
  { who: "cp -a", needs: ["cp"], restore: 'cp -a out "$THERE/"' },
  { who: "cp -a + two checks", needs: ["cp", "sha256sum"], restore: COPY },
  {
    who: "cp -a + two checks + sync -f + fsync each",
    needs: ["cp", "sha256sum", "sync", "cc"],
    prepare: 'cc -O2 -o "$WORK/fsync-each" "$BENCH/fsync-each.c"',
    restoreDurable: `${COPY} && sync -f "$THERE" && "$WORK/fsync-each" "$THERE"`,
  },
];
