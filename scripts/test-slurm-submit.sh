# A part of scripts/test-slurm, read by it: submission through cli_filter.lua, and options of pyxis as
# Slurm hands them on. pyxis itself needs enroot; a SPANK plugin of the same name with the same options
# stands in for it.

# args.c of pyxis (github.com/NVIDIA/pyxis) names the options; spank(7) says what becomes of them.
cat >"$dir/pyxis.c" <<'C'
#include <stddef.h>
#include <slurm/spank.h>

SPANK_PLUGIN(pyxis, 1)

static int take(int val, const char *optarg, int remote) { return 0; }

int slurm_spank_init(spank_t spank, int count, char **words)
{
    struct spank_option options[] = {
        {"container-image", "PATH", "stands in for pyxis", 1, 0, take},
        {"container-name", "NAME", "stands in for pyxis", 1, 1, take},
    };
    for (size_t i = 0; i < 2; i++) {
        if (spank_option_register(spank, &options[i]) != ESPANK_SUCCESS) return -1;
    }
    return 0;
}
C
cc -shared -fPIC -o "$dir/pyxis.so" "$dir/pyxis.c"
printf 'required %s/pyxis.so\n' "$dir" >"$dir/plugstack.conf"
sed "s|/usr/share/sqsh-prov/slurm\"|$dir/hooks\"|" "$repository/scripts/slurm/cli_filter.lua" >"$dir/cli_filter.lua"
printf 'CliFilterPlugins=lua\n' >>"$SLURM_CONF"
scontrol reconfigure
hook controller nothing.sh
hook prolog nothing.sh

mkdir -p "$dir/.images"
cp "$dir/images/derived.sqsh" "$dir/.images/derived.sqsh"

# refused NAME COMMAND...: the command ends with an error that says why, and no job is there.
refused() {
    local name=$1
    shift
    if (cd "$dir" && OUT=$dir/out/$name "$@") >"$dir/out/$name.said" 2>&1; then fail "$name was submitted"; fi
    grep -q 'this site does not accept the image' "$dir/out/$name.said" || fail "$name: $(cat "$dir/out/$name.said")"
    grep -q 'derived.sqsh' "$dir/out/$name.said" || fail "$name does not say which image: $(cat "$dir/out/$name.said")"
    did_not_run "$name"
    [ -z "$(squeue -h -o %i)" ] || fail "$name is queued"
}
refused submit-option sbatch --container-image=.images/derived.sqsh "$dir/job.sh"
refused submit-srun srun --container-image="$dir/images/derived.sqsh" sh "$dir/job.sh"
PYXIS_CONTAINER_IMAGE=$dir/images/derived.sqsh refused submit-variable srun sh "$dir/job.sh"
refused submit-comment sbatch "--comment=container-image=$dir/images/derived.sqsh" "$dir/job.sh"
checked 'a denied image is refused at submission, by option, variable or comment'

job submit-allowed --container-image="./images/good.sqsh"
ran submit-allowed
job submit-registry --container-image=docker.io/vllm/vllm-openai:v0.29.0
ran submit-registry
job submit-none
ran submit-none
hostile_name="$dir/\$(touch $dir/pwned)'; touch $dir/pwned; '.sqsh"
(cd "$dir" && OUT=$dir/out/submit-hostile srun --container-image="$hostile_name" sh "$dir/job.sh") >/dev/null 2>"$dir/out/submit-hostile.said"
ran submit-hostile
grep -q 'could not tell' "$dir/out/submit-hostile.said" || fail 'an image that is not there is not said at submission'
[ ! -e "$dir/pwned" ] || fail 'the name of an image was run'
checked 'an accepted image, a reference and a job without a container are submitted'

# The Prolog behind it, for a client that goes past the filter: what Slurm itself tells it.
hook prolog prolog-refuse.sh
sed -i '/^CliFilterPlugins/d' "$SLURM_CONF"
scontrol reconfigure
job prolog-option --container-image=.images/derived.sqsh
did_not_run prolog-option
logged denied
until_true 20 'both nodes idle' all_idle
job prolog-name --container-image=./images/good.sqsh --container-name=mine
ran prolog-name
logged 'accepted: .*if a container mine exists already'
checked 'a Prolog takes what pyxis takes for a file, and says what it cannot see'
hook prolog nothing.sh
: >"$dir/plugstack.conf"
