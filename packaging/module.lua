-- Module file for Lmod. It stays where the tarball has it, share/modulefiles/sqsh-prov/VERSION.lua:
--
--     module use PREFIX/share/modulefiles
--     module load sqsh-prov
--
-- Copied elsewhere, it takes the prefix below.
help([[sqsh-prov says which pipeline, commit and public image a container image file comes from.
sqsh-prov show IMAGE; man sqsh-prov]])
whatis("Name: sqsh-prov")
whatis("Version: @VERSION@")
whatis("Description: provenance of container image files")

local root = "/opt/sqsh-prov/@VERSION@"
local beside = myFileName():match("^(.*)/share/modulefiles/sqsh%-prov/[^/]*$")
if beside and isFile(pathJoin(beside, "bin/sqsh-prov")) then
    root = beside
end
prepend_path("PATH", pathJoin(root, "bin"))
prepend_path("MANPATH", pathJoin(root, "share/man"))
-- Where bash-completion looks for completions.
prepend_path("XDG_DATA_DIRS", pathJoin(root, "share"))
