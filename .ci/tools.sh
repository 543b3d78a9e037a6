# shellcheck shell=bash
# The tools of .ci/run and .ci/refresh, in ~/.cache/dockerflow-ci/tools. Sourced, not run.

tools=${XDG_CACHE_HOME:-$HOME/.cache}/dockerflow-ci/tools
export PATH=$tools/bin:$PATH

# debian PACKAGE installs a Debian package.
debian() {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$1"
}

install_tools() {
  command -v git || debian git
  command -v curl || debian curl
  command -v cc || debian build-essential
  command -v wrk || debian wrk
  if ! cmp .ci/requirements.txt "$tools/requirements.txt"; then
    rm -rf "$tools"
    mkdir -p "$tools/bin"
    python3 -m venv "$tools/venv" || { debian python3-venv && python3 -m venv "$tools/venv"; }
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --requirement .ci/requirements.txt
    ln -s ../venv/bin/{check-jsonschema,hadolint,shellcheck,uv} "$tools/bin/"
    cp .ci/requirements.txt "$tools/"
  fi
}

golangci-lint() { go tool -modfile=.ci/tools.mod golangci-lint "$@"; }

# Separate from tools.mod, because the two need different releases of one YAML module.
actionlint() { go tool -modfile=.ci/actionlint.mod actionlint "$@"; }
