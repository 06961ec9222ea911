# For srt-slurm's job script: paste these two commands where the host side is set up, before the
# workers start. They need the recipe, the image file and the directory of the logs; adapt the
# three names. Bash or sh, with or without `set -e`.
#
# The first stops the job when the image is not what the recipe declares (exit code 1), and only
# then: when it could not tell (2), or could not use the recipe (64), it has said so, and the job
# goes on. With SQSH_PROV_STRICT=1 it goes on with an answer of 0 alone. The second writes fingerprint_sqsh.json beside the fingerprints of the workers, in the
# background, so that a slow file system delays nothing.

sqsh-prov verify ${SQSH_PROV_STRICT:+--strict} --recipe "$RECIPE" --format line -- "$IMAGE" || { [ $? -ne 1 ] && [ -z "${SQSH_PROV_STRICT:-}" ]; } || exit 1
(sqsh-prov show --format srt-slurm-fingerprint -- "$IMAGE" >"$LOGS/.sqsh" && mv "$LOGS/.sqsh" "$LOGS/fingerprint_sqsh.json") </dev/null >/dev/null 2>&1 &
