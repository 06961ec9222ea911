#!/bin/sh
# Slurm Prolog: logs what each job's container image is, and never fails. In slurm.conf:
#
#   Prolog=/usr/share/sqsh-prov/slurm/prolog-log.sh
#
# Runs as SlurmdUser on each node. A Prolog that fails or takes too long drains the node, so
# this one does neither: it waits for at most SQSH_PROV_TIMEOUT + 2 seconds, and always exits
# with 0. Only `--container-image` of the job itself is seen, not of an srun inside it.
# Settings: see common.sh.
here=${0%/*}
# shellcheck source=scripts/slurm/common.sh
. "$here/common.sh" || exit 0

judge "would be denied" :
exit 0
