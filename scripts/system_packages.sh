#!/bin/sh
# Installs the Debian packages named as arguments if they are missing and if it may; otherwise says why it did not.
# Tests skip (or, with CI set, fail) by themselves where a tool is missing, so not being allowed is no error here.
set -eu

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    echo "system packages: not a Debian system, so these are left to you: $*"
    exit 0
fi

missing=""
for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root="env"
elif command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n env"
else
    echo "system packages: missing$missing, and only root may install them. To have them: sudo apt-get install$missing"
    exit 0
fi

echo "system packages: installing$missing"
log=$(mktemp)
# shellcheck disable=SC2086  # a list of words on purpose
if ! { $as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $missing ||
       { $as_root apt-get -qq update &&
         $as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $missing; }; } \
       >"$log" 2>&1; then
    echo "system packages: apt-get could not install$missing; it said:"
    tail -n 5 "$log"
fi
rm -f "$log"
