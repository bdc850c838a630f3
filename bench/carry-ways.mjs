/**
 * What is run of carried runs, and of oras, as shell lines (peers.mjs). Both push the folder `out` to one docker-registry on this
 * machine ($REGISTRY), which has nothing of it then, and pull it into an empty folder. oras makes one compressed tar of it.
 */

/** The operations, with their titles. */
export const CARRY_OPERATIONS = {
  carryPush: "push to a registry on this machine",
  carryPull: "pull from it into an empty folder",
};

/** Starts the registry, and prints its address. It goes on until STOP_REGISTRY. */
export const START_REGISTRY = `cat > "$WORK/registry.yml" <<END
version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $WORK/registry}
http: {addr: "127.0.0.1:0", secret: bench}
END
OTEL_TRACES_EXPORTER=none docker-registry serve "$WORK/registry.yml" > "$WORK/registry.log" 2>&1 &
echo $! > "$WORK/registry.pid"
tries=0
until grep -q "listening on 127.0.0.1:" "$WORK/registry.log"; do
  tries=$((tries + 1)) && test $tries -lt 300 && sleep 0.1
done
sed -n 's/.*listening on \\(127\\.0\\.0\\.1:[0-9]*\\).*/\\1/p' "$WORK/registry.log"`;

export const STOP_REGISTRY = 'kill "$(cat "$WORK/registry.pid")"';

const PUSH = '"$NODE" "$RUNSEAL" push bench "$REGISTRY/bench/run:v1"';
const PUSH_FOLDER = 'oras push --plain-http "$REGISTRY/bench/folder:v1" out';

/** Seals the folder. */
export const PREPARE_RUN =
  '"$NODE" "$RUNSEAL" init --no-passphrase && "$NODE" "$RUNSEAL" seal out --id bench';

/** Puts what is pulled into the registry. */
export const PREPARE_PULLS = { runseal: PUSH, oras: PUSH_FOLDER };

const EMPTY_REGISTRY = 'rm -rf "$WORK/registry/docker"';
const EMPTY_TARGET = 'rm -rf "$THERE" && mkdir "$THERE"';

/** Both, runseal first; `files` is how many a pull has to give. */
export function carryWaysOf(operation, files) {
  const isPush = operation === "carryPush";
  const before = isPush ? EMPTY_REGISTRY : EMPTY_TARGET;
  return [
    {
      who: "runseal",
      needs: ["docker-registry"],
      before,
      line: isPush
        ? `exec ${PUSH}`
        : 'exec "$NODE" "$RUNSEAL" pull "$REGISTRY/bench/run:v1" --here --project "$THERE"',
      after: isPush ? undefined : '"$NODE" "$RUNSEAL" verify --stored bench --project "$THERE"',
    },
    {
      who: "oras",
      needs: ["docker-registry", "oras"],
      before,
      line: isPush
        ? `exec ${PUSH_FOLDER}`
        : 'exec oras pull --plain-http -o "$THERE" "$REGISTRY/bench/folder:v1"',
      after: isPush ? undefined : `test "$(find "$THERE" -type f | wc -l)" -eq ${files}`,
    },
  ];
}
