# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # passed and work are shared with .ci/run
# The steps of .ci/run: one line each, and the whole output of those that fail. Sourced, not run.

steps=0 failed=() passed=true running=

# step NAME COMMAND [ARG...] runs a command or function in a subshell and sets passed.
step() {
  local name=$1 start=$SECONDS status=0
  shift
  printf '  %-56s ' "$name"
  set -m # gives the step a process group, so that stop can end all of it
  "$@" > "$work/log" 2>&1 < /dev/null &
  running=$!
  set +m
  wait "$running" || status=$?
  running=
  steps=$((steps + 1))
  if [ "$status" = 0 ]; then
    passed=true
    printf 'ok %4ss\n' $((SECONDS - start))
  else
    passed=false
    failed+=("$name")
    printf 'FAILED (%s)\n' "$status"
    sed 's/^/    | /' "$work/log"
  fi
}

# section TITLE heads the steps that follow.
section() { printf '\n%s\n' "$1"; }

# stop ends the step under way, with what it started, and removes the work folder.
stop() {
  if [ -n "$running" ]; then kill -- "-$running" 2> /dev/null || true; fi
  chmod -R u+w "$work" # Go's module cache is read-only
  rm -rf "$work"
}

# summary says how it went, as text and as its status.
summary() {
  printf '\n%s passed, %s failed\n' $((steps - ${#failed[@]})) ${#failed[@]}
  [ ${#failed[@]} = 0 ] || printf '  %s\n' "${failed[@]}"
  [ ${#failed[@]} = 0 ]
}
