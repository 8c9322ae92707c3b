#!/bin/sh
# Install Debian's Chromium for the browser tests when there is none and this user may. Never fails: without a browser those tests skip.
set -u

for browser in chromium chromium-browser google-chrome; do
    command -v "$browser" >/dev/null 2>&1 && exit 0
done

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "No Chromium here and no right to install one: the browser tests will be skipped (Debian: apt-get install chromium)."
    exit 0
fi

echo "Installing Chromium for the browser tests"
log=$(mktemp)
if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } >"$log" 2>&1; then
    rm -f "$log"
else
    tail -n 5 "$log"
    rm -f "$log"
    echo "Chromium could not be installed: the browser tests will be skipped."
fi
exit 0
