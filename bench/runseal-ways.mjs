/** What is run of runseal, as shell lines like the peers' (peers.mjs). An option that isn't there yet is said to be so. */

const RUN = 'exec "$NODE" "$RUNSEAL"';
const BUNDLE = ".runseal/runs/bench";

/** Makes a key and the bundle that is verified and restored. */
export const PREPARE_RUNSEAL = `"$NODE" "$RUNSEAL" init --no-passphrase &&
  "$NODE" "$RUNSEAL" seal out --id bench && cp .runseal/HEAD "$WORK/HEAD"`;

/** Removes what a seal outside of the project left. */
const BEFORE_SEAL = 'rm -rf "$WORK/sealed"';

/** The same of one that kept its files: only a seal into the project does. */
const BEFORE_KEEPING = `rm -rf .runseal/objects .runseal/packs .runseal/runs/bench-again && cp "$WORK/HEAD" .runseal/HEAD`;

/** The ways to run runseal, by operation, given what its help speaks of. */
export function runsealWays(help) {
  return {
    verify: [
      { who: "runseal", line: `${RUN} verify ${BUNDLE}` },
      when(help.verify, "--jobs", { who: "runseal --jobs 1", line: `${RUN} verify --jobs 1 ${BUNDLE}` }),
      when(help.verify, "--exact", { who: "runseal --exact", line: `${RUN} verify --exact ${BUNDLE}` }),
      { who: "node -e 0, the start-up in it", line: 'exec "$NODE" -e 0' },
    ],
    seal: [
      {
        who: "runseal",
        before: BEFORE_SEAL,
        line: `${RUN} seal out --id bench-again --out "$WORK/sealed"${
          help.seal.includes("--no-keep") ? " --no-keep" : ""
        }`,
      },
      when(help.seal, "--no-keep", {
        who: "runseal, keeping",
        before: BEFORE_KEEPING,
        line: `${RUN} seal out --id bench-again`,
      }),
    ],
    // Peers sync nothing, and runseal always does.
    restore: [],
    restoreDurable: [
      { who: "runseal", line: `${RUN} restore ${BUNDLE} --to "$THERE"` },
      when(help.restore, "--mkdir", {
        who: "runseal, a new folder",
        line: `${RUN} restore ${BUNDLE} --to "$THERE/new" --mkdir`,
      }),
    ],
    undo: [
      {
        who: "runseal",
        before: `"$NODE" "$RUNSEAL" restore ${BUNDLE} --to "$THERE"`,
        line: `${RUN} undo "$THERE"`,
      },
    ],
  };
}

/** What each command's help says. */
export function readHelp(scene) {
  const commands = ["verify", "seal", "restore"];
  return Object.fromEntries(
    commands.map((command) => [command, scene.shell(`"$NODE" "$RUNSEAL" ${command} --help`)]),
  );
}

function when(help, option, way) {
  return help.includes(option) ? way : { ...way, missing: `there is no ${option}` };
}
