#!/usr/bin/env bash
# Installs what `npm run bench` measures runseal against, from Debian's packages. As root.
set -euo pipefail

packages=(borgbackup coreutils cosign docker-registry gcc gnupg hashdeep libc6-dev minisign oras ostree restic time)

apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}"
dpkg-query --show --showformat '${Package} ${Version}\n' "${packages[@]}"
