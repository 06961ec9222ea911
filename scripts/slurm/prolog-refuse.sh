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
here=${0%/*}
# shellcheck source=scripts/slurm/common.sh
. "$here/common.sh" || exit 0

judge denied refuse
exit 0
