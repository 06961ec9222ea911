#!/bin/sh
# Checks the container image of a job at submission, before anything is queued. cli_filter.lua beside
# this file calls it as the user. It reads the image from the variables that common.sh knows, and prints
# one line: `ok`, `denied REASON`, `unknown REASON`, or nothing if no image file is named. It never fails.
# Settings: see common.sh.
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
[ -r "$here/common.sh" ] || exit 0
# shellcheck source=scripts/slurm/common.sh
. "$here/common.sh" || exit 0

find_image
[ -n "$named" ] || exit 0
check_image
case $code in
    0) echo ok ;;
    1) printf 'denied %s\n' "$(printable "$line")" ;;
    # A reference in a registry is not checked here, and the user needs no message about it.
    *) [ -z "$image" ] || printf 'unknown %s\n' "$(printable "$line")" ;;
esac
exit 0
