# Set-up that ./run and ./test share: what a fresh clone lacks is fetched, what the machine lacks is named in one line.
# Sourced with the working directory at the repository's root.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# A build leaves no server process behind: one that keeps our standard output open would keep a waiting caller waiting.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false

fail() {
    echo "$program: $*" >&2
    exit 1
}

need_dotnet() {
    command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing: install it and put 'dotnet' on the PATH."
    dotnet --version >/dev/null 2>&1 || fail "'dotnet' has no SDK that global.json accepts: install the .NET 10 SDK."
}

need_node() {
    command -v node >/dev/null || fail "Node.js 20 or later is missing: install it and put 'node' on the PATH."
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "Node.js 20 or later is needed; 'node' is $(node --version)."
}

# The socket.io client bundle that the chat serves, and the peers that the tests use.
restore_npm() {
    if [ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]; then
        return
    fi
    command -v npm >/dev/null || fail "npm is missing: install it (it comes with Node.js) and put 'npm' on the PATH."
    local log
    log=$(npm ci --loglevel=error </dev/null 2>&1) || fail "npm ci failed: $(grep -v '^npm warn' <<<"$log" | head -n 3 | tr '\n' ' ')"
}
