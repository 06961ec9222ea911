#!/bin/sh
# Slurm Prolog: logs if the site accepts each job's container image, and never fails. In slurm.conf:
#
#   Prolog=/usr/share/sqsh-prov/slurm/prolog-log.sh
#
# Runs as SlurmdUser on each node. A Prolog that fails or takes too long drains the node. So this one
# waits for at most SQSH_PROV_TIMEOUT + 2 seconds, and always exits with 0. It sees only the
# `--container-image` of the job itself, not that of an srun inside it. Settings: see common.sh.
trap 'exit 0' 0
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
if [ ! -r "$here/common.sh" ]; then
    PATH=/usr/bin:/bin logger -t sqsh-prov -- "$here/common.sh is missing: nothing is checked" 2>/dev/null
    exit 0
fi
# shellcheck source=scripts/slurm/common.sh
. "$here/common.sh"

judge "would be denied" :
exit 0
