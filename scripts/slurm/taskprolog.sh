#!/bin/sh
# Slurm TaskProlog: gives each task the provenance of its image as SQSH_PROV_KIND,
# SQSH_PROV_COMMIT and so on. In slurm.conf, or with srun --task-prolog:
#
#   TaskProlog=/usr/share/sqsh-prov/slurm/taskprolog.sh
#
# For jobs that call enroot themselves and name the image in CONTAINER_IMAGE. Under pyxis a TaskProlog
# runs inside the container, where it cannot read the image. It runs as the job's user, who must be able
# to read this file. Slurm reads one directive from each line of its standard output. The script sets
# only the fixed names, and leaves out a value with control characters. It never fails. Settings: see
# common.sh.
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
[ -r "$here/common.sh" ] || exit 0
# shellcheck source=scripts/slurm/common.sh
. "$here/common.sh" || exit 0

find_image
if [ -z "$image" ]; then
    exit 0
fi
answer show --format taskprolog -- "$image"
case $code in
    0 | 2)
        # Pass on only lines that the program is known to write: somebody else names the file.
        while IFS= read -r directive; do
            case $directive in
                'export SQSH_PROV_'* | 'unset SQSH_PROV_'* | 'print sqsh-prov: '*)
                    printf '%s\n' "$directive"
                    ;;
            esac
        done <"$answers/out"
        ;;
esac
if [ "$code" -ne 0 ]; then
    printf 'print sqsh-prov: could not tell, the task runs: %s\n' "$(printable "$line")"
fi
forget_answer
exit 0
