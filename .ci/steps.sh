# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # passed and work are shared with .ci/run
# Runs the steps of .ci/run: prints one line per step, and the whole output of a step that fails. Sourced, not run.
#
# Steps that depend on each other form a lane. Lanes run in parallel, so a step must not affect other lanes.

most_lanes=${LANES:-3} # more than processors, because steps with containers mostly wait
lane=main passed=true
planned=()               # lanes that have not started, the most urgent first
declare -A after=() what=() ended=()
declare -a running=()    # names of running lanes, by process id

# step NAME COMMAND [ARG...] runs a command or function in a subshell and sets passed.
step() {
  local name="$lane: $1" begin=$SECONDS log status=0
  shift
  log=$(mktemp "$work/log.XXXXXX")
  set -m # gives the step a process group, so that stop can end all of it
  "$@" > "$log" 2>&1 < /dev/null &
  set +m
  wait $! || status=$?
  report "$status" $((SECONDS - begin)) "$name" "$log"
  if [ "$status" = 0 ]; then passed=true; else passed=false; fi
}

# report STATUS SECONDS NAME LOG records and prints the result of a step. A lock keeps the lines of two lanes apart.
report() {
  printf '%s\t%s\t%s\n' "$1" "$2" "$3" >> "$work/results"
  {
    flock 9
    if [ "$1" = 0 ]; then
      printf 'ok     %4ss  %s\n' "$2" "$3"
    else
      printf 'FAILED %4ss  %s (%s)\n' "$2" "$3" "$1"
      sed 's/^/    | /' "$4"
    fi
  } 9> "$work/lock"
}

# plan NAME AFTER COMMAND [ARG...] plans a lane: a function of steps, to start when the lanes that AFTER lists have ended.
plan() {
  planned+=("$1")
  after[$1]=$2
  what[$1]=${*:3}
}

# run_lanes runs the planned lanes. No command here may be part of a condition: that would switch errexit off in the steps.
run_lanes() {
  start_lanes
  while [ ${#running[@]} != 0 ]; do
    await_lane
    start_lanes
  done
}

start_lanes() {
  local i name
  for i in "${!planned[@]}"; do
    name=${planned[i]}
    if [ ${#running[@]} -ge "$most_lanes" ]; then break; fi
    if ! ready "$name"; then continue; fi
    unset "planned[i]"
    run_lane "$name" &
    running[$!]=$name
  done
}

ready() {
  local name
  for name in ${after[$1]}; do
    if [ -z "${ended[$name]:-}" ]; then return 1; fi
  done
}

run_lane() {
  lane=$1
  trap - EXIT
  trap 'end_jobs; exit 143' TERM
  running=()
  ${what[$1]}
}

await_lane() {
  local pid status=0
  wait -n -p pid "${!running[@]}" || status=$?
  if [ $status != 0 ]; then report $status 0 "${running[pid]}: the lane itself" /dev/null; fi
  ended[${running[pid]}]=true
  unset "running[pid]"
}

# end_jobs ends a shell's jobs and waits for them: steps with all their processes, and lanes, which end their steps.
end_jobs() {
  local pid
  for pid in $(jobs -p); do
    kill -- "-$pid" 2> /dev/null || kill "$pid" 2> /dev/null || continue
    timeout 30 tail --pid="$pid" --sleep-interval=0.1 -f /dev/null || kill -KILL -- "-$pid" 2> /dev/null || true
  done
}

# stop ends running jobs and removes the work folder.
stop() {
  end_jobs
  chmod -R u+w "$work" # Go's module cache is read-only
  rm -rf "$work"
}

# summary prints the duration and result of each step, the longest first, and fails if a step failed.
summary() {
  local failed
  failed=$(awk '$1 != 0' "$work/results" | wc -l)
  printf '\nDuration of each step:\n'
  sort -t $'\t' -k 2,2nr "$work/results" | awk -F '\t' '{ printf "%5ss  %s%s\n", $2, $3, $1 == 0 ? "" : "  FAILED" }'
  printf '%5ss  in total, up to %s lanes in parallel\n\n' "$SECONDS" "$most_lanes"
  for name in "${planned[@]}"; do printf 'not run: %s, after %s\n' "$name" "${after[$name]}"; done
  printf '%s passed, %s failed\n' $(($(wc -l < "$work/results") - failed)) "$failed"
  [ "$failed" = 0 ] && [ ${#planned[@]} = 0 ]
}
