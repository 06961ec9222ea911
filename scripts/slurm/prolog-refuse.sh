#!/bin/sh
# Slurm Prolog: refuses a job whose container image the site does not accept, without draining
# the node. In slurm.conf:
#
#   Prolog=/usr/share/sqsh-prov/slurm/prolog-refuse.sh
#
# Prefer prologslurmctld.sh if the controller sees the images. It does the same once per job. Slurm's
# manual advises against Slurm commands in a Prolog, because each node of the job runs them.
#
# A Prolog that fails drains the node. So this one writes the reason into the job's AdminComment,
# cancels the job (SQSH_PROV_ACTION=requeuehold: requeues and holds it), and exits with 0. It fails
# open: if it cannot tell, the job runs, and the log says so. With SQSH_PROV_STRICT=1 it refuses such
# a job too. Settings: see common.sh.
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
