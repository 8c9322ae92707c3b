#!/bin/sh
# Compile requirements.in and requirements-dev.in for every supported Python into pinned files with hashes. $1 is the folder of uv.
set -eu
compile() {
    UV_CUSTOM_COMPILE_COMMAND="make lock" "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url "$@"
}

uv=$1/uv
[ -x "$uv" ] || uv=$(command -v uv) || {
    echo "uv is needed to compile the requirements: $1/python -m pip install uv" >&2
    exit 1
}
compile requirements.in --output-file requirements.txt
compile requirements-dev.in --output-file requirements-dev.txt
