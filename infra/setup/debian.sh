#!/bin/sh
# Install Debian packages when the command that a test needs is missing and this user may: debian.sh "COMMAND ..." PACKAGE ...
# One of the commands is enough. Never fails: without the program its tests skip and say so.
set -u
commands=$1
shift
PATH=$PATH:/usr/sbin

for command in $commands; do
    command -v "$command" >/dev/null 2>&1 && exit 0
done

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing and no right to install it: $1. Its tests will be skipped (Debian: apt-get install $1)."
    exit 0
fi

echo "Installing $*"
log=$(mktemp)
# RUNLEVEL=1 keeps Debian from starting what was installed as a service.
if { apt-get update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    rm -f "$log"
else
    tail -n 5 "$log"
    rm -f "$log"
    echo "Could not be installed: $*. Its tests will be skipped."
fi
exit 0
