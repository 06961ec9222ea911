#!/bin/sh
# Checks the container image of a job that is being submitted, for cli_filter.lua beside this file: as
# the user, before anything is queued. Reads the image from the variables that common.sh knows, and
# prints one line: `ok`, `denied REASON`, `unknown REASON`, or nothing where no image is named.
# Never fails. Settings: see common.sh.
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
    # A reference in a registry is not checked here; its user knows what it is.
    *) [ -z "$image" ] || printf 'unknown %s\n' "$(printable "$line")" ;;
esac
exit 0
