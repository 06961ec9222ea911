#!/bin/sh
# Slurm Prolog: refuses a job whose container image the site does not accept, without draining
# the node. In slurm.conf:
#
#   Prolog=/usr/share/sqsh-prov/slurm/prolog-refuse.sh
#
# An option, not the default: Slurm's manual advises against Slurm commands in a Prolog, as each
# node of the job runs them; prologslurmctld.sh does the same once, where the controller sees the
# images. A Prolog that failed would drain the node, so this one says why in the job's
# AdminComment, cancels the job (or requeues and holds it: SQSH_PROV_ACTION=requeuehold), and
# exits with 0. It fails open: what it cannot tell, it lets run, and says so;
# SQSH_PROV_STRICT=1 makes it refuse that too. Settings: common.sh.
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
