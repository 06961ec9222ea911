# shellcheck shell=bash
# Sourced by scripts/test-slurm, with its cluster up: an audit as a job array on both nodes, and the
# job that joins the shards, give what one run gives.
# shellcheck disable=SC2154 # dir, program and repository are of scripts/test-slurm

audit=$repository/scripts/slurm/audit.sbatch
export SQSH_PROV_NOW=2026-11-01
unset SQSH_PROV_FLAGS SQSH_PROV_AUDIT_STEP

# Thirty images, most of them copies of another, in three directories, and what is hard to join.
mkdir -p "$dir"/many/{a,b,c/d}
fixtures=("$repository"/fixtures/classification/*.sqsh)
for ((number = 0; number < 30; number++)); do
    below=(a b c/d)
    cp "${fixtures[number % 11]}" "$dir/many/${below[number % 3]}/image-$number.sqsh"
done
cp "$dir/images/hostile.sqsh" "$dir/many/a/"$'two\nlines \377.sqsh'
cp "$dir/images/unreadable.sqsh" "$dir/many/b/"
head -c 3000 "$dir/images/good.sqsh" >"$dir/many/b/truncated.sqsh"
ln "$dir/many/a/image-0.sqsh" "$dir/many/c/again.sqsh"
ln -s ../a/image-0.sqsh "$dir/many/c/link.sqsh"

# A task waits for one on the other node, so that both nodes have a part.
mkdir "$dir/took-part"
cat >"$dir/on-both" <<SCRIPT
#!/bin/sh
if [ "\$1" = audit ]; then
    touch "$dir/took-part/\$SLURMD_NODENAME"
    tries=0
    until [ -e "$dir/took-part/n1" ] && [ -e "$dir/took-part/n2" ]; do
        tries=\$((tries + 1))
        [ "\$tries" -lt 100 ] || exit 70
        sleep 0.1
    done
fi
exec "$program" "\$@"
SCRIPT
chmod 755 "$dir/on-both"

one_run() { "$program" audit "$dir/many" --format ndjson --now "$SQSH_PROV_NOW" --output "$dir/out/one.ndjson" || [ $? -eq 2 ]; }
one_run || fail 'the audit in one run failed'

# A site's SBATCH_EXPORT must not take from the jobs what they need.
told=$(SQSH_PROV=$dir/on-both SBATCH_EXPORT=NONE SBATCH_EXCLUSIVE=exclusive "$audit" "$dir/many" "$dir/reports" 3)
merge=${told#*merge: job }
merge=${merge%%,*}
until_true 25 "the audit's merge ends" gone "$merge"
[ -s "$dir/reports/audit.html" ] || {
    tail -n 5 "$dir"/reports/*.log >&2 || true
    fail "no page of the audit: $told"
}
[ -e "$dir/took-part/n1" ] && [ -e "$dir/took-part/n2" ] || fail 'the array did not run on both nodes'
[ "$(find "$dir/reports" -name 'shard-*.ndjson' -size +2k | wc -l)" -eq 3 ] || fail 'not three shards with images'
cmp "$dir/out/one.ndjson" "$dir/reports/audit.ndjson" || fail 'the joined report is another than that of one run'
[ "$(grep -c '"schema":"[^"]*"' "$dir/reports/audit.ndjson")" -ge 33 ] || fail 'the report does not have all images'
grep -q duplicate-file "$dir/reports/audit.ndjson" || fail 'the joined report has no findings about all images'
checked 'an audit as an array on two nodes, joined, is that of one run byte for byte'

# refused ARRAY WHY: tasks that do not say how many shards there are write nothing and say why.
refused() {
    local array
    array=$(SQSH_PROV=$program sbatch --parsable --array="$1" --output="$dir/out/refused-%a.out" "$audit" "$dir/many" "$dir/refused")
    until_true 25 "the array $1 ends" gone "$array"
    grep -q 'ExitCode=64:0' < <(scontrol show job "$array") || fail "the array $1 did not fail"
    grep -q -- "$2.*give --shard I/N" "$dir"/out/refused-*.out || fail "the array $1 is not told why: $(cat "$dir"/out/refused-*.out)"
    [ -z "$(find "$dir/refused" -name '*.ndjson')" ] || fail "the array $1 wrote a report"
    rm -f "$dir"/out/refused-*.out
}
refused 2 'may repeat a part of a larger array'
refused 0-7:3 'with gaps, so the shards are not known'
checked 'an array that does not say how many shards there are is refused, and says so'

# One shard again, by name, and it still joins.
rm "$dir/reports/shard-2.ndjson"
if "$program" merge "$dir"/reports/shard-*.ndjson --format ndjson >/dev/null 2>"$dir/out/missing"; then
    fail 'a missing shard was not missed'
fi
grep -q 'shard 2/3 is missing' "$dir/out/missing" || fail "a missing shard is not named: $(cat "$dir/out/missing")"
array=$(SQSH_PROV=$program SQSH_PROV_FLAGS='--shard 2/3' sbatch --parsable --array=2 \
    --output="$dir/out/again.out" "$audit" "$dir/many" "$dir/reports")
until_true 25 'the shard that runs again ends' gone "$array"
"$program" merge "$dir"/reports/shard-*.ndjson --format ndjson --output "$dir/out/again.ndjson" || [ $? -eq 2 ]
cmp "$dir/out/one.ndjson" "$dir/out/again.ndjson" || fail 'a shard that ran again does not join'
checked 'a shard that failed runs again alone, and joins'

if SQSH_PROV_AUDIT_STEP='' sbatch --parsable --output="$dir/out/submits.out" "$audit" "$dir/many" "$dir/refused" >"$dir/out/submits"; then
    until_true 25 'the script given to sbatch ends' gone "$(cat "$dir/out/submits")"
fi
grep -q 'run it from a login node' "$dir/out/submits.out" || fail 'the script, given to sbatch, does not say how it is run'
[ -z "$(squeue -h -o %i)" ] || fail 'the script, given to sbatch, submitted itself'
checked 'the script does not submit itself'
