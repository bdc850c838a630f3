# Shared by the demo scripts: a temporary folder with an empty HOME, and commands with a checked exit code.
# Source it; it is not a program. A script ends with exit code 1 at the first unexpected exit code of a command.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scene=$(mktemp -d)
trap 'rm -rf "$scene"' EXIT

# Each person has a separate HOME. The demo can't reach the machine's own home, agent or trust file.
unset SSH_AUTH_SOCK XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME
for variable in $(compgen -v RUNSEAL_ || true); do unset "$variable"; done

# Runs the built program, or the one that RUNSEAL_PROGRAM names, for example an installed one.
runseal() {
  if [ -n "${RUNSEAL_PROGRAM:-}" ]; then "$RUNSEAL_PROGRAM" "$@"; else node "$repository/dist/cli/main.js" "$@"; fi
}

# Prints the title of a step.
step() { printf '\n# %s\n' "$1"; }

# Switches to a person with a separate HOME.
become() {
  export HOME="$scene/home/$1"
  mkdir -p "$HOME"
}

# expect CODE COMMAND...: shows the command and its output, and checks the exit code.
expect() {
  local wanted=$1 status=0
  shift
  printf '$ %s\n' "$*"
  "$@" 2>&1 || status=$?
  printf '(exit code %s)\n' "$status"
  if [ "$status" != "$wanted" ]; then
    printf 'expected exit code %s\n' "$wanted" >&2
    exit 1
  fi
}

# same FOLDER FOLDER: both hold the same files with the same bytes.
same() { expect 0 diff -r "$1" "$2"; }
