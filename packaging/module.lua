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

-- Where such a variable is not set, the system's own places count, and setting it must not take them
-- away. When the module is unloaded, the value is the one that was set here.
local function before(name, path, usual)
    local now, whole = os.getenv(name), path .. ":" .. usual
    if not now or now == "" or now == whole then
        setenv(name, whole)
    else
        prepend_path(name, path)
    end
end
-- man(1) puts its own places where the list has an empty one.
before("MANPATH", pathJoin(root, "share/man"), "")
-- Where bash-completion looks for completions; the usual places are the XDG specification's.
before("XDG_DATA_DIRS", pathJoin(root, "share"), "/usr/local/share/:/usr/share/")
