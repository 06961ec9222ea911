# A Prolog that requires a signed statement; read by scripts/test-slurm, whose functions it uses.

ssh-keygen -q -t ed25519 -N '' -C importer@hpc.example.org -f "$dir/importer"
printf 'importer@hpc.example.org %s\n' "$(cut -d' ' -f1,2 "$dir/importer.pub")" >"$dir/allowed_signers"
printf 'schema = 1\n[[allowed-signers]]\nfile = "allowed_signers"\n' >"$dir/site.toml"
"$program" attest --quiet --content "$dir/images/good.sqsh" >"$dir/images/good.sqsh.intoto.json"
ssh-keygen -Y sign -q -f "$dir/importer" -n sqsh-prov "$dir/images/good.sqsh.intoto.json"
cp "$dir/images/good.sqsh" "$dir/images/unsigned.sqsh"
cp "$dir/images/derived.sqsh" "$dir/images/other.sqsh"
for ending in intoto.json intoto.json.sig; do
    cp "$dir/images/good.sqsh.$ending" "$dir/images/other.sqsh.$ending"
done
chmod 644 "$dir/site.toml" "$dir/allowed_signers" "$dir"/images/*
printf 'SQSH_PROV_EXPECT="--attested-by importer@hpc.example.org --trust %s"\n' "$dir/site.toml" >>"$dir/hooks/sqsh-prov.conf"
hook prolog prolog-refuse.sh

job attested "$(comment good)"
ran attested
logged accepted
for name in unsigned other; do
    job "attested-$name" "$(comment "$name")"
    did_not_run "attested-$name"
    logged denied
    until_true 20 'both nodes idle' all_idle
done
sed -i '/^SQSH_PROV_EXPECT/d' "$dir/hooks/sqsh-prov.conf"
checked 'a Prolog that requires a statement runs what its importer signed, and neither what nobody did nor another image'
