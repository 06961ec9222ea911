-- Slurm's cli_filter: checks a job's container image at submission, as the user, before anything is
-- queued. In slurm.conf:
--
--   CliFilterPlugins=lua
--
-- Put this file as cli_filter.lua beside slurm.conf on each host from which jobs are submitted. If the
-- site already has a cli_filter.lua, add this line at its top, and call sqsh_prov_judge(options) in its
-- slurm_cli_pre_submit:
--
--   dofile("/usr/share/sqsh-prov/slurm/cli_filter.lua")
--
-- It sees what a Prolog does not: the image of each srun, and PYXIS_CONTAINER_IMAGE. It helps users, and
-- is not a gate: a user can bypass it with another slurm.conf. So keep a Prolog too. submit.sh reads
-- SQSH_PROV_EXPECT and the other settings; common.sh explains them.
-- Source of the interface: slurm.schedmd.com/cli_filter_plugins.html

-- The directory of submit.sh. A site may set it before it runs this file.
sqsh_prov_scripts = sqsh_prov_scripts or "/usr/share/sqsh-prov/slurm"

local function quoted(text)
    return "'" .. tostring(text):gsub("'", "'\\''"):gsub("%z", "") .. "'"
end

-- Returns the value of an option of pyxis; nil if there is no pyxis or the option was not given.
local function pyxis(options, name)
    local found, value = pcall(function() return options["spank"]["pyxis"][name] end)
    if found and type(value) == "string" and value ~= "" then return value end
    return nil
end

-- Returns the answer of submit.sh about the image: "ok", "denied …", "unknown …", or nothing.
function sqsh_prov_judge(options)
    local set = {
        SPANK__SLURM_SPANK_OPTION_pyxis_container_image = pyxis(options, "container-image") or "",
        SPANK__SLURM_SPANK_OPTION_pyxis_container_name = pyxis(options, "container-name") or "",
        SLURM_JOB_COMMENT = options["comment"] or "",
        SLURM_JOB_WORK_DIR = options["chdir"] or os.getenv("PWD") or "",
    }
    local command = "exec env"
    for name, value in pairs(set) do
        command = command .. " " .. name .. "=" .. quoted(value)
    end
    local pipe = io.popen(command .. " " .. quoted(sqsh_prov_scripts .. "/submit.sh") .. " 2>/dev/null")
    if pipe == nil then return "" end
    local line = pipe:read("*l") or ""
    pipe:close()
    return line
end

function slurm_cli_setup_defaults(options, early_pass)
    return slurm.SUCCESS
end

function slurm_cli_pre_submit(options, pack_offset)
    local word, reason = sqsh_prov_judge(options):match("^(%a+) ?(.*)$")
    if word == "denied" then
        slurm.log_error("sqsh-prov: this site does not accept the image: %s", reason)
        return slurm.ERROR
    end
    if word == "unknown" then
        slurm.log_info("sqsh-prov: could not tell what the image is, the job is submitted: %s", reason)
    end
    return slurm.SUCCESS
end

function slurm_cli_post_submit(offset, job_id, step_id)
    return slurm.SUCCESS
end
