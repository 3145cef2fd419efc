#!/usr/bin/env bash
# What action.yml runs: builds archlint unless one is given, checks, and names the SARIF file.
# Reads ARCHLINT_* as action.yml sets them. Annotations and the step summary are archlint's own.
set -euo pipefail

binary=${ARCHLINT_BINARY:-}
if [[ -z $binary ]]; then
  home=${RUNNER_TEMP:-/tmp}/archlint
  cargo install --quiet --locked --path "$ARCHLINT_SOURCE" --root "$home"
  binary=$home/bin/archlint
fi

sarif=${ARCHLINT_SARIF:-archlint.sarif}
sarif=${sarif//$'\n'/} # a second line would be an output of its own
arguments=(check --format "sarif=$sarif" --fail-on "${ARCHLINT_FAIL_ON:-error}")
[[ -z ${ARCHLINT_SINCE:-} ]] || arguments+=(--since "$ARCHLINT_SINCE")
[[ -z ${ARCHLINT_BASELINE:-} ]] || arguments+=(--baseline "$ARCHLINT_BASELINE")
case ${ARCHLINT_ANNOTATIONS:-commands} in
  commands) arguments+=(--format github) ;;
  # Lines that people can read in the log as well. The summary comes with the other format.
  matcher) arguments+=(--format gcc --format github=/dev/null) ;;
  *)
    echo "archlint: error: annotations is \"$ARCHLINT_ANNOTATIONS\"; it is commands or matcher" >&2
    exit 2
    ;;
esac
arguments+=(--)
while IFS= read -r path; do
  [[ -z $path ]] || arguments+=("$path")
done <<<"${ARCHLINT_PATHS:-.}"

# Written before the check, so that a failing check leaves a file that can be uploaded.
[[ -z ${GITHUB_OUTPUT:-} ]] || printf 'sarif=%s\n' "$sarif" >>"$GITHUB_OUTPUT"
if [[ ${ARCHLINT_ANNOTATIONS:-commands} == matcher ]]; then
  echo "::add-matcher::$ARCHLINT_SOURCE/editors/github-matcher.json"
  code=0
  "$binary" "${arguments[@]}" || code=$?
  echo "::remove-matcher owner=archlint::"
  exit "$code"
fi
exec "$binary" "${arguments[@]}"
