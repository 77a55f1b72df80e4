#!/bin/sh
# Does Baton's main job over its port, with curl alone: logs in, has a requirement planned, approves the plan, follows the
# work as it happens, and downloads the files that come of it.
#
#   baton serve &          # prints {"url": …, "token_file": …}
#   BATON_URL=http://127.0.0.1:7420 TOKEN_FILE=~/.local/share/baton/token EMAIL=ada@example.org PASSWORD=… \
#     ./main-job.sh "Write a short guide to tea" ./result
#
# The first time, the secret in TOKEN_FILE lets EMAIL register as the first user, who is admin. BUDGET_MICROS is what the
# project may cost, in millionths of a dollar; PROFILE names a model profile (demo: no AI). Needs curl, sed, tr; no jq.
set -eu

: "${BATON_URL:?the address that baton serve printed}" "${EMAIL:?}" "${PASSWORD:?}"
WANTED=${1:?what you want, as one argument}
OUT=${2:?a folder for the files}
BUDGET_MICROS=${BUDGET_MICROS:-1000000}
PROFILE=${PROFILE:-}
HERE=$(mktemp -d)
CURL=
trap 'rm -rf "$HERE"; if [ -n "$CURL" ]; then kill "$CURL" 2>/dev/null || true; fi' EXIT

fail() {
  echo "main-job: $*" >&2
  exit 1
}

# Text as a JSON string.
quote() {
  printf '"'
  printf '%s' "$1" | tr -d '\000-\010\013-\037' | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' -e '$!s/$/\\n/' | tr -d '\n'
  printf '"'
}

# All values of a field, in order; its name inside a text has a backslash before its quotes, and does not count.
fields() {
  printf '%s' "$2" | tr '\n' ' ' | tr '{,' '\n\n' | sed -n 's/^ *"'"$1"'": *"\{0,1\}\([^"}]*\).*/\1/p'
}
field() {
  fields "$1" "$2" | head -n 1
}

# call METHOD PATH [BODY]: the body of a good answer in $answer, or the end of the script with what was wrong. Tokens and
# passwords go over standard input: arguments can be read by every user of the machine.
ACCESS=
call() {
  printf '%s' "${3:-}" >"$HERE/body"
  answer=$(
    {
      [ -z "$ACCESS" ] || printf 'header = "Authorization: Bearer %s"\n' "$ACCESS"
      [ $# -lt 3 ] || printf 'header = "Content-Type: application/json"\ndata-binary = "@%s"\n' "$HERE/body"
    } | curl --silent --show-error --config - --request "$1" --write-out '\n%{http_code}' "$BATON_URL/api$2"
  )
  status=$(printf '%s' "$answer" | tail -n 1)
  answer=$(printf '%s' "$answer" | sed '$d')
  case $status in
    2*) ;;
    *) [ "${4:-}" = try ] || fail "$1 $2 was answered with $status: $(field message "$answer")" ;;
  esac
}

credentials="\"email\":$(quote "$EMAIL"),\"password\":$(quote "$PASSWORD")"
call POST /auth/login "{$credentials}" try
if [ "$status" = 401 ]; then
  [ -r "${TOKEN_FILE:-}" ] || fail "$EMAIL is not known here; TOKEN_FILE lets the first user register"
  call POST /auth/register "{$credentials,\"display_name\":$(quote "${EMAIL%%@*}"),\"invite\":$(quote "$(cat "$TOKEN_FILE")")}"
  call POST /auth/login "{$credentials}"
fi
ACCESS=$(field access_token "$answer")
[ -n "$ACCESS" ] || fail "no login: $(field message "$answer")"

project="\"requirements\":$(quote "$WANTED"),\"budget_micros\":$BUDGET_MICROS"
[ -z "$PROFILE" ] || project="$project,\"profile\":$(quote "$PROFILE")"
call POST /projects "{$project}"
id=$(field id "$answer")
echo "Project $id"
# The stream goes on after this event, so that nothing can happen before it is open.
call GET "/events?project_id=$id&limit=1"
since=$(field id "$answer")

# Planning goes on by itself; the stream tells when there is a plan. A ticket opens one stream, within 30 s.
follow() {
  call POST /auth/stream-ticket '{}'
  rm -f "$HERE/stream"
  mkfifo "$HERE/stream"
  printf 'url = "%s/api/projects/%s/events?after=%s&token=%s"\n' "$BATON_URL" "$id" "$since" "$(field ticket "$answer")" |
    curl --silent --no-buffer --config - >"$HERE/stream" &
  CURL=$!
  exec 3<"$HERE/stream"
}
# Reads on until the project has come to one of these states, and says what it sees.
until_state() {
  while IFS= read -r line <&3; do
    case $line in
      'data: '*'"type":"project.state"'*) ;;
      'data: '*'"type":"task.state"'*)
        echo "  task $(field task_id "$line"): $(field state "$line")"
        continue
        ;;
      *) continue ;;
    esac
    state=$(field state "$line")
    echo "Project is $state"
    for wanted in "$@"; do [ "$state" != "$wanted" ] || return 0; done
    case $state in failed | cancelled | waiting) fail "it is $state: $(field reason "$line")" ;; esac
  done
  fail 'the stream ended before the work did'
}

call POST "/projects/$id/plan" '{}'
follow
until_state awaiting_approval
call GET "/projects/$id"
plan=$(field plan_id "$answer")
call POST "/plans/$plan/approve" "{\"authorise_micros\":$BUDGET_MICROS}"
until_state succeeded
exec 3<&-
kill "$CURL" 2>/dev/null || true
wait "$CURL" 2>/dev/null || true
CURL=

call GET "/projects/$id/artifacts"
fields path "$answer" | while IFS= read -r path; do
  case /$path/ in */../* | //*) fail "a strange path: $path" ;; esac
  mkdir -p "$OUT/$(dirname "$path")"
  printf 'header = "Authorization: Bearer %s"\n' "$ACCESS" |
    curl --silent --show-error --fail --config - --output "$OUT/$path" \
      "$BATON_URL/api/projects/$id/files/$(printf '%s' "$path" | sed -e 's/%/%25/g' -e 's/ /%20/g' -e 's/#/%23/g' -e 's/?/%3F/g')"
  echo "$OUT/$path"
done
