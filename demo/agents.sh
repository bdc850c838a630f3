#!/usr/bin/env bash
# An operator of agents. Agents work in one project: one succeeds, one fails, and one tries to sign by itself.
. "$(dirname "$0")/scene.sh"
become operator
mkdir "$scene/project" && cd "$scene/project"

step "The operator's key is in an ssh-agent: runseal signs with it, and the agents' commands can't reach it"
ssh-keygen -q -t ed25519 -N '' -C operator -f "$HOME/operator"
eval "$(ssh-agent -s -a "$scene/agent.sock")" > /dev/null
trap 'kill "$SSH_AGENT_PID" 2> /dev/null; rm -rf "$scene"' EXIT
ssh-add -q "$HOME/operator"
expect 0 runseal trust add operator "$HOME/operator.pub"

step "Task 1: an agent writes a report"
expect 0 runseal run --key agent: --output report --id task-1 -- \
  sh -c 'mkdir -p report && echo "42 tests pass" > report/tests.txt'

step "Task 2: the agent fails; its files are kept, and marked as those of a failed run"
expect 3 runseal run --key agent: --output report --id task-2 -- \
  sh -c 'echo "half a report" > report/tests.txt; exit 3'
expect 1 runseal verify task-2
expect 0 runseal restore task-2 --failed --to "$scene/half" --mkdir
expect 0 cat "$scene/half/report/tests.txt"

step "Task 3: an agent tries to sign a run of its own with the operator's agent"
forge='test -z "${SSH_AUTH_SOCK:-}" && echo "no agent in reach"; echo done > report/tests.txt'
expect 0 runseal run --key agent: --output report --id task-3 -- sh -c "$forge"

step "The log, newest first"
expect 0 runseal log

step "The whole history is verified; deleting the failed run is detected"
expect 0 runseal verify --history
cp -r .runseal "$scene/before"
rm -rf .runseal/runs/task-2
expect 1 runseal verify --history
rm -rf .runseal && cp -r "$scene/before" .runseal

step "A mistyped run id is a usage error, not a verdict"
expect 4 runseal verify task-33

step "The store has the files of an older run, although the folder has changed"
expect 1 runseal verify task-1
expect 0 runseal verify task-1 --stored

step "The newest report is edited by hand"
echo "43 tests pass" > report/tests.txt
expect 1 runseal verify --history
expect 0 runseal verify --history --stored

step "The operator restores the files of task 1, and undoes the restore"
expect 0 runseal restore task-1 --to "$scene/first" --mkdir
expect 0 cat "$scene/first/report/tests.txt"
expect 0 runseal undo --restored "$scene/first"
