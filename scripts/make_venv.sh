#!/bin/sh
# Makes the virtual environment DIR (argument 1) with the first Python found that is new enough, or says why it cannot.
# The one idea: every way in which a bare machine can fail here ends in a sentence that says what to do.
set -eu
dir=$1
wanted="3.10"
check='import sys; sys.exit(sys.version_info < (3, 10))'

if [ -x "$dir/bin/python" ] && "$dir/bin/python" -c "$check" && "$dir/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

found=""
too_old=""
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c "$check" >/dev/null 2>&1; then
        found=$candidate
        break
    fi
    too_old="$too_old $candidate ($("$candidate" --version 2>&1 | head -n 1))"
done
if [ -z "$found" ]; then
    echo "kdsl needs Python $wanted or later." >&2
    if [ -n "$too_old" ]; then echo "Found only:$too_old" >&2; else echo "Found no python3 on the PATH." >&2; fi
    echo "Install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
fi

# Debian and Ubuntu ship `venv` without `ensurepip`, which is in the package python3.X-venv.
if ! "$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$(dirname "$0")/system_packages.sh" "python$version-venv" || true
    if ! "$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$found has no ensurepip, so it cannot make a virtual environment." >&2
        echo "On Debian and Ubuntu: apt-get install python$version-venv; then try again." >&2
        exit 1
    fi
fi

echo "making $dir with $("$found" --version) ($found)"
"$found" -m venv "$dir"
