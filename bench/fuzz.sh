#!/usr/bin/env bash
# Feeds every reader of files with damaged ones, N each (default 1000000), and prints a table: docs/security.md explains it.
#   bench/fuzz.sh [N] [NAME]    NAME: only tests whose full name holds it, such as FormatFuzzTests
# MDFLD_FUZZ_REPORT names a file that keeps the table: a run that was stopped goes on with the readers not in it yet.
# MDFLD_FUZZ_MINUTES ends each reader after so long, with the inputs it got.
set -euo pipefail
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/bench/*}
report=${MDFLD_FUZZ_REPORT:-}
if [[ -z $report ]]; then
    report=$(mktemp)
    trap 'rm -f "$report"' EXIT
fi
status=0
# Hours, not the minutes that all tests may take.
MDFLD_FUZZ=${1:-1000000} MDFLD_FUZZ_REPORT=$report MDFLD_TEST_LIMIT=864000 MDFLD_TEST_HANG=240h \
    "$root/test" "(FullyQualifiedName~Fuzz|FullyQualifiedName~HostileOnnxTests.Mutated)&FullyQualifiedName~${2:-Tests}" ||
    status=$?
echo
echo '| reader | inputs | read | refused | slowest | most memory |'
echo '|---|---|---|---|---|---|'
sort "$report"
exit "$status"
