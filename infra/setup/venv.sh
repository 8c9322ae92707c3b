#!/bin/sh
# Create the virtual environment named by $1 with the first usable Python 3.11 to 3.13. PYTHON=... chooses another one.
set -eu
venv=$1

usable() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if usable "$candidate"; then
        echo "Creating $venv with $("$candidate" --version)"
        "$candidate" -m venv --clear "$venv"
        exit 0
    fi
done

cat >&2 <<MESSAGE
No usable Python was found (looked for: ${PYTHON:-python3.13, python3.12, python3.11, python3}).
Python 3.11, 3.12 or 3.13 with the modules venv and ensurepip is needed.
Debian and Ubuntu: apt-get install python3 python3-venv. Another place: make PYTHON=/path/to/python3 ...
MESSAGE
exit 1
