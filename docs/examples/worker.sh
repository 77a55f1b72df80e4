#!/bin/sh
# Takes jobs of a core from Baton and carries them out, one at a time.
#
#   BATON_URL=http://127.0.0.1:4317 BATON_TOKEN=… CORE=builder ./worker.sh
#
# BATON_TOKEN is an API token with the scope `work` (`baton token create builder --scope work`), or the secret in the data
# folder's file `token`. WORK names the program that does a job: it finds the job's id in TASK_ID and the whole claim as JSON
# in CLAIM, and its answer is what it prints. Anything but exit code 0 fails the job. Needs curl, sed and tr; no jq.
set -eu

: "${BATON_URL:?the address that baton serve printed}" "${BATON_TOKEN:?a token with the scope work}"
CORE=${CORE:-shell}
WORKER=${WORKER:-$(uname -n)-$$}
WORK=${WORK:-'echo "done by $WORKER"'}
LEASE_S=${LEASE_S:-60}
# Ends after this many claims without a job; 0: never.
IDLE_CLAIMS=${IDLE_CLAIMS:-0}
WAIT_S=${WAIT_S:-30}

# call METHOD PATH BODY: the answer's body, then its status on a line of its own. The token is not among the arguments, which
# every user of the machine may read.
call() {
  printf 'header = "Authorization: Bearer %s"\n' "$BATON_TOKEN" |
    curl --silent --show-error --max-time $((WAIT_S + 30)) --config - --request "$1" "$BATON_URL$2" \
      --header 'Content-Type: application/json' --data-binary "$3" --write-out '\n%{http_code}'
}

# Text as a JSON string. Control characters but newline and tab are left out.
quote() {
  printf '"'
  printf '%s' "$1" | tr -d '\000-\010\013-\037' | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' -e '$!s/$/\\n/' | tr -d '\n'
  printf '"'
}

# A field of the lease, which is the last of its name in the answer: what dispatchers wrote stands before it.
field() {
  printf '%s' "$2" | tr -d '\n' | sed -n 's/.*"lease":{[^}]*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p'
}

keep_alive() {
  while sleep $((LEASE_S / 3 + 1)); do
    status=$(call PUT "/jobs/$1/status" "{\"status\":\"running\",\"token\":$2}" | tail -n 1) || continue
    # The job is somebody else's by now, or it was cancelled: stop working on it.
    [ "$status" = 409 ] && kill -TERM "$3" 2>/dev/null && return
  done
}

idle=0
while :; do
  answer=$(call POST /jobs/claim "{\"coreId\":$(quote "$CORE"),\"worker\":$(quote "$WORKER"),\"wait_s\":$WAIT_S,\"lease_s\":$LEASE_S}") || {
    echo "Baton does not answer; trying again." >&2
    sleep 2
    continue
  }
  status=$(printf '%s' "$answer" | tail -n 1)
  case $status in
  200) ;;
  204)
    idle=$((idle + 1))
    [ "$IDLE_CLAIMS" -gt 0 ] && [ "$idle" -ge "$IDLE_CLAIMS" ] && exit 0
    continue
    ;;
  429 | 5??)
    sleep 2
    continue
    ;;
  *)
    printf 'Baton refused the claim: %s\n' "$answer" >&2
    exit 1
    ;;
  esac
  idle=0
  CLAIM=$(printf '%s' "$answer" | sed '$d')
  TASK_ID=$(field task_id "$CLAIM")
  token=$(field token "$CLAIM")
  export CLAIM TASK_ID WORKER

  output=$(mktemp)
  sh -c "$WORK" >"$output" 2>&1 &
  work=$!
  keep_alive "$TASK_ID" "$token" "$work" >/dev/null 2>&1 &
  keeper=$!
  code=0
  wait "$work" || code=$?
  kill "$keeper" 2>/dev/null || :
  wait "$keeper" 2>/dev/null || :

  text=$(head -c 90000 "$output")
  rm -f "$output"
  if [ "$code" -eq 0 ]; then
    body="{\"status\":\"success\",\"token\":$token,\"result\":$(quote "$text")}"
  else
    body="{\"status\":\"failed\",\"token\":$token,\"message\":\"It ended with code $code.\",\"result\":$(quote "$text")}"
  fi
  until answer=$(call PUT "/jobs/$TASK_ID/status" "$body"); do sleep 2; done
  status=$(printf '%s' "$answer" | tail -n 1)
  echo "$TASK_ID $code $status"
done
