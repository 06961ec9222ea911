# For the template of srt-slurm's job script, src/srtctl/templates/job_script_minimal.j2: paste this
# before the orchestrator runs. srt-slurm fills in the words in braces. In a script that is already filled
# in, replace them with config.yaml (config_VARIANT.yaml for a variant) and the image. Works in bash and
# sh, with or without `set -e`.
#
# `verify` stops the job only if the image is not what the recipe declares (exit code 1). If it cannot
# tell (2), for example for an image in a registry, or cannot use the recipe (64), it says so, and the job
# goes on. With SQSH_PROV_STRICT=1 (or any word but 0, false, no and off) the job goes on only after 0.
# `show` writes image_provenance.json beside the fingerprints of the workers. It runs in the background,
# so a slow file system delays nothing. The name must not begin with fingerprint_: srt-slurm takes each
# fingerprint_*.json for a worker.

RECIPE="${OUTPUT_DIR}/{{ runtime_config_filename }}" IMAGE="{{ container_image }}"
case "${SQSH_PROV_STRICT:-}" in '' | 0 | [Ff]alse | FALSE | [Nn]o | NO | [Oo]ff | OFF) STRICT= ;; *) STRICT=--strict ;; esac
sqsh-prov verify $STRICT --recipe "$RECIPE" --format line -- "$IMAGE" || { [ $? -ne 1 ] && [ -z "$STRICT" ]; } || exit 1
(sqsh-prov show --format srt-slurm-fingerprint -- "$IMAGE" >"$LOG_DIR/.image" && mv "$LOG_DIR/.image" "$LOG_DIR/image_provenance.json" || rm -f "$LOG_DIR/.image") </dev/null >/dev/null 2>&1 &
