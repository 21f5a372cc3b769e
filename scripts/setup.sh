# Sourced by the scripts beside it: finds Python, makes .venv, installs what is pinned. Plain POSIX shell.
# Usage: . scripts/setup.sh; set_up requirements.txt

find_python() {
    for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
        [ -n "$name" ] || continue
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    echo "Python 3.11 or newer is needed and was not found. Install it, or name it: PYTHON=/path/to/python $0" >&2
    return 1
}

set_up() {
    wanted=$1
    if [ ! -x .venv/bin/python ]; then
        python=$(find_python)
        if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
            echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2
            return 1
        fi
        echo "Making .venv with $("$python" --version) …" >&2
        "$python" -m venv .venv
    fi
    sum=$(cat requirements.txt requirements-tracing.txt "$wanted" | cksum)
    mark=.venv/installed-$(basename "$wanted" .txt)
    if [ "$(cat "$mark" 2>/dev/null || true)" != "$sum" ]; then
        echo "Installing $wanted (about a minute the first time) …" >&2
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$wanted"
        echo "$sum" >"$mark"
    fi
}
