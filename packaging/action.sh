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
arguments=(check --format github --format "sarif=$sarif" --fail-on "${ARCHLINT_FAIL_ON:-error}")
[[ -z ${ARCHLINT_SINCE:-} ]] || arguments+=(--since "$ARCHLINT_SINCE")
[[ -z ${ARCHLINT_BASELINE:-} ]] || arguments+=(--baseline "$ARCHLINT_BASELINE")
arguments+=(--)
while IFS= read -r path; do
  [[ -z $path ]] || arguments+=("$path")
done <<<"${ARCHLINT_PATHS:-.}"

# Written before the check, so that a failing check leaves a file that can be uploaded.
[[ -z ${GITHUB_OUTPUT:-} ]] || printf 'sarif=%s\n' "${sarif//$'\n'/}" >>"$GITHUB_OUTPUT"
exec "$binary" "${arguments[@]}"
