#!/bin/sh
# Slurm PrologSlurmctld: refuses a job whose container image the site does not accept, once per
# job, before a node is touched. In slurm.conf:
#
#   PrologSlurmctld=/usr/share/sqsh-prov/slurm/prologslurmctld.sh
#
# Runs as SlurmUser on the controller, which must see the images at the same paths. Any exit code but
# 0 would requeue a batch job again and again. So this script cancels a denied job, writes the reason
# into its AdminComment, and exits with 0. It fails open: if it cannot tell, the job runs, and the log
# says so. With SQSH_PROV_STRICT=1 it refuses such a job too. Settings: see common.sh.
trap 'exit 0' 0
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
if [ ! -r "$here/common.sh" ]; then
    PATH=/usr/bin:/bin logger -t sqsh-prov -- "$here/common.sh is missing: nothing is checked" 2>/dev/null
    exit 0
fi
# shellcheck source=scripts/slurm/common.sh
. "$here/common.sh"

judge denied refuse
exit 0
