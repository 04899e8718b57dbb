#!/usr/bin/env bash
# Makes .venv from requirements.lock, from nothing; does nothing where that was done already.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=.venv/.bangfu-setup

find_python() {
    for name in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    return 1
}

install_python() {
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "installing python3 and python3-venv" >&2
        apt-get update -qq >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            python3 python3-venv ca-certificates >&2
    else
        echo "Python 3.11 or newer with venv is missing; install it, e.g.: sudo apt-get install python3 python3-venv" >&2
        exit 1
    fi
}

wanted="$(cat requirements.lock pyproject.toml tools/setup.sh | sha256sum | cut -d' ' -f1) $PWD"
if [ -x .venv/bin/python ] && [ -x .venv/bin/bangfu ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

python="$(find_python || { install_python; find_python; })" || {
    echo "this system's Python is older than 3.11; install a newer one and set PYTHON=/path/to/python3" >&2
    exit 1
}
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    rm -rf .venv
    "$python" -m venv .venv
fi
if ! .venv/bin/python -m uv --version >/dev/null 2>&1; then
    # uv itself, pinned and hashed like everything else
    pinned="$(mktemp)"
    trap 'rm -f "$pinned"' EXIT
    awk '/^[A-Za-z0-9]/ { mine = ($1 ~ /^uv==/) } mine' requirements.lock >"$pinned"
    .venv/bin/python -m ensurepip --upgrade >/dev/null 2>&1 || true
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$pinned"
fi
export VIRTUAL_ENV="$PWD/.venv" UV_LINK_MODE="${UV_LINK_MODE:-copy}"
.venv/bin/python -m uv pip sync --quiet --require-hashes requirements.lock
.venv/bin/python -m uv pip install --quiet --no-deps --no-build-isolation -e .
printf '%s' "$wanted" >"$stamp"
echo "the environment is ready in .venv" >&2
