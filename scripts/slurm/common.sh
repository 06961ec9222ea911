# Functions and settings of the Slurm scripts beside this file, which read it with `.`. It is POSIX sh,
# and assumes no environment.
#
# Settings, with their defaults. Put your own into /etc/sqsh-prov/slurm.conf, or into sqsh-prov.conf
# beside this file, which takes precedence (plain sh assignments, writable by the administrator only):
#
#   SQSH_PROV=sqsh-prov                     the program; a path if it is not on the PATH below
#   SQSH_PROV_EXPECT=--official             arguments of `verify`: what the site accepts. For an import
#                                           from before enroot 4.2, --official cannot tell, and
#                                           --policy official-only refuses it
#   SQSH_PROV_STRICT=                       1, true, yes or on: also refuse a job if `verify` cannot
#                                           tell, or if its image cannot be checked, as with
#                                           --container-name; 0, false, no, off or empty: run such a job
#   SQSH_PROV_TIMEOUT=5                     seconds to wait for an image: 5, 5s or 2.5
#   SQSH_PROV_LOG=                          a file to log to; empty: syslog, by logger(1)
#   SQSH_PROV_LOG_ALL=                      1: also log jobs without a container image
#   SQSH_PROV_SLURM_BIN=                    where scontrol and scancel are, if not on the PATH
#   SLURM_CONF=FILE; export SLURM_CONF      slurm.conf, if it is not in its default place: slurmctld
#                                           does not tell its hooks the place
#   SQSH_PROV_ACTION=cancel                 prolog-refuse.sh: cancel, or requeuehold
#
# Another name of this form is a mistake, as SQSH_PROV_STRIKT: the gate is then strict, unless
# SQSH_PROV_STRICT has a value.

# A Prolog does not see the image of an srun inside the job, nor PYXIS_CONTAINER_IMAGE, which pyxis reads
# where the job is submitted. cli_filter.lua sees both. Neither sees the root file system of an existing
# container that --container-name runs again, nor images that the job's own script imports or starts.

# Slurm gives a Prolog no PATH, and the settings of a job's user must not count.
PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
export PATH
unset ENV CDPATH IFS

SQSH_PROV=sqsh-prov
SQSH_PROV_EXPECT=--official
SQSH_PROV_STRICT=
SQSH_PROV_TIMEOUT=5
SQSH_PROV_LOG=
SQSH_PROV_LOG_ALL=
SQSH_PROV_SLURM_BIN=
SQSH_PROV_ACTION=cancel
# The mistakes in the settings, for the log. A typo never opens the gate. It never ends a script either,
# which would drain the node. A file that is not valid sh is not read at all.
wrong= broken= misspelled=
value_with_a_space='^[[:space:]]*SQSH_PROV_[A-Z_]*=[^][:space:]"'"'"'\\$`(;#][^[:space:]"'"'"'\\$`(;#]*[[:space:]][[:space:]]*[^[:space:]#;&|]'
for settings in /etc/sqsh-prov/slurm.conf "$here/sqsh-prov.conf"; do
    [ -r "$settings" ] || continue
    for name in $(sed -n 's/^[[:space:]]*\(export[[:space:]][[:space:]]*\)\{0,1\}\([A-Za-z_]*\)=.*/\2/p' "$settings"); do
        case $name in
            SQSH_PROV | SQSH_PROV_EXPECT | SQSH_PROV_STRICT | SQSH_PROV_TIMEOUT | SQSH_PROV_LOG) ;;
            SQSH_PROV_LOG_ALL | SQSH_PROV_SLURM_BIN | SQSH_PROV_ACTION) ;;
            [Ss][Qq][Ss][Hh]_[Pp][Rr][Oo][Vv]* | [Ss][Qq]*_[Ss][Tt][Rr][Ii]* | [Ss][Qq]*_[Ee][Xx][Pp]*)
                misspelled=$name
                wrong="${wrong:+$wrong; }$settings: there is no setting $name"
                ;;
        esac
    done
    # A subshell reads the file first, so a mistake ends only that. It prints the error, or `whole` at the end.
    # shellcheck source=/dev/null
    tried=$( (. "$settings" >/dev/null; echo whole) 2>&1 )
    if [ "$tried" != whole ]; then
        broken="$settings is not sh: $(printf '%s' "${tried%whole}" | head -n 1)"
    elif space=$(grep -m 1 "$value_with_a_space" "$settings" 2>/dev/null); then
        broken="$settings: a value with a space needs quotes: $space"
    else
        # shellcheck source=/dev/null
        . "$settings"
        continue
    fi
    # These settings still count: the log, the place of Slurm's commands, and strictness.
    for name in SQSH_PROV_LOG SQSH_PROV_SLURM_BIN SQSH_PROV_STRICT; do
        value=$(sed -n "s/^[[:space:]]*$name=[\"']\{0,1\}\([^\"' ;#]*\).*/\1/p" "$settings" | tail -n 1)
        [ -z "$value" ] || eval "$name=\$value"
    done
done
if [ -n "$misspelled" ] && [ -z "$SQSH_PROV_STRICT" ]; then
    # The name may be meant for this one.
    wrong="$wrong; SQSH_PROV_STRICT counts as 1"
    SQSH_PROV_STRICT=1
fi
case $SQSH_PROV_STRICT in
    1 | [Tt]rue | TRUE | [Yy]es | YES | [Oo]n | ON) SQSH_PROV_STRICT=1 ;;
    0 | [Ff]alse | FALSE | [Nn]o | NO | [Oo]ff | OFF | '') SQSH_PROV_STRICT= ;;
    *)
        wrong="${wrong:+$wrong; }SQSH_PROV_STRICT=$SQSH_PROV_STRICT is neither 1 nor 0, and counts as 1"
        SQSH_PROV_STRICT=1
        ;;
esac
# Whole seconds for the shell's own wait: a fraction counts as a second.
given=$SQSH_PROV_TIMEOUT
SQSH_PROV_TIMEOUT=${SQSH_PROV_TIMEOUT%s}
whole=${SQSH_PROV_TIMEOUT%%.*}
part=${SQSH_PROV_TIMEOUT#"$whole"}
part=${part#.}
case $whole:$part in
    0:*[!0-9]* | [1-9]*:*[!0-9]*) patience= ;;
    0:*[1-9]* | [1-9]:* | [1-9][0-9]:* | [1-9][0-9][0-9]:*)
        patience=$whole
        if [ -n "$part" ]; then patience=$((whole + 1)); fi
        ;;
    *) patience= ;;
esac
if [ -z "$patience" ]; then
    wrong="${wrong:+$wrong; }SQSH_PROV_TIMEOUT=$given is not a time below 1000 seconds; 5 is used"
    SQSH_PROV_TIMEOUT=5 patience=5
fi
if [ -n "$SQSH_PROV_SLURM_BIN" ]; then PATH=$SQSH_PROV_SLURM_BIN:$PATH; fi

# Prints text from a user without control characters, for a log.
printable() {
    printf '%s' "$1" | LC_ALL=C tr -cd '[:print:]' | cut -c 1-800
}

# Logs one line for the administrator. A failure to log never stops a job.
say() {
    said="sqsh-prov: job ${SLURM_JOB_ID:-?}: $(printable "$1")"
    if [ -n "$SQSH_PROV_LOG" ]; then
        printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$said" >>"$SQSH_PROV_LOG" 2>/dev/null
    else
        logger -t sqsh-prov -- "$said" 2>/dev/null
    fi
    return 0
}

# Sets $named to the image that the job names, $image to its file or to nothing, and $note to a remark for
# the log.
find_image() {
    image= note=
    named=${SPANK__SLURM_SPANK_OPTION_pyxis_container_image:-}
    [ -n "$named" ] || named=${PYXIS_CONTAINER_IMAGE:-}
    [ -n "$named" ] || named=${CONTAINER_IMAGE:-}
    if [ -z "$named" ]; then
        # A comment such as --comment="container-image=/images/model.sqsh": the rest of the word.
        case " ${SLURM_JOB_COMMENT:-}" in
            *[\ ,\;]container-image=*)
                named=${SLURM_JOB_COMMENT##*container-image=}
                named=${named%%[ ,;]*}
                ;;
        esac
    fi
    container=${SPANK__SLURM_SPANK_OPTION_pyxis_container_name:-}
    # As for pyxis, a name that begins with a dot or a slash is a file (args.c, parse_container_image).
    case $named in
        '') note="no container image is named" ;;
        /*) image=$named ;;
        .*)
            # pyxis looks for these in the directory in which the job starts.
            if [ -n "${SLURM_JOB_WORK_DIR:-}" ]; then
                image=$SLURM_JOB_WORK_DIR/$named
            else
                note="the directory of $named is not known here"
            fi
            ;;
        *) note="$named is not a path, but a registry reference or an alias" ;;
    esac
    if [ -n "$container" ] && [ -z "$named" ]; then
        named=$container
        note="--container-name=$container runs a root file system that is there already, which is not looked at"
    elif [ -n "$container" ] && [ -n "$image" ]; then
        note="if a container $container exists already, the job runs that and not this image"
    fi
}

# Sets $answers to a new directory with room for an answer, if there is one. The job's TMPDIR does not count: the
# job's user names it and can fill it.
make_answers() {
    answers=
    for place in /run /dev/shm /tmp /var/tmp; do
        made=$(mktemp -d "$place/sqsh-prov.XXXXXX" 2>/dev/null) || continue
        forget_answer
        answers=$made
        { echo >"$answers/out" && echo >"$answers/err"; } 2>/dev/null && [ -s "$answers/err" ] && return 0
    done
    return 0
}

# answer ARGUMENTS...: runs the program, and sets $code and $line (its first line).
#
# It waits for the answer in $answers, not for the program: on a stuck file system the program answers in
# time, but the kernel may not let it end. So the program must not keep Slurm's open files either. The exit
# code is in the name of a file: on a full file system there is room for a name, but not for what it says.
answer() {
    code=2 line="no answer in time ($((patience + 2)) s): the file system may be stuck, or the machine too busy"
    make_answers
    if [ -z "$answers" ]; then
        line="no temporary directory"
        return 0
    fi
    (
        "$SQSH_PROV" "$@" >"$answers/out" 2>"$answers/err"
        true >"$answers/code.$?"
    ) </dev/null >/dev/null 2>&1 &
    runner=$!
    waited=0 ended=
    while [ -z "$ended" ] && [ "$waited" -lt $((patience * 20 + 40)) ]; do
        sleep 0.05 2>/dev/null || { sleep 1; waited=$((waited + 19)); }
        waited=$((waited + 1))
        for file in "$answers"/code.*; do
            if [ -e "$file" ]; then ended=${file##*.}; fi
        done
    done
    if [ -n "$ended" ]; then
        code=$ended
        line=$(head -c 4096 "$answers/out" | head -n 1)
        # If a file cannot be read, standard error says which and why.
        why=$(head -c 4096 "$answers/err" | head -n 1)
        if [ -z "$line" ] || { [ "$code" = 2 ] && [ -n "$why" ]; }; then line=${why#sqsh-prov: }; fi
        if [ -z "$line" ]; then line="exit code $code, and its answer could not be stored"; fi
    else
        kill -9 "$runner" 2>/dev/null
        # The program answers before it ends, so its line may be there.
        if [ -s "$answers/out" ]; then line=$(head -n 1 "$answers/out"); fi
    fi
    case $code in
        0 | 1 | 2 | 64) ;;
        # The exit codes of a shell for a program that cannot be run or does not exist.
        126 | 127) line="SQSH_PROV=$SQSH_PROV cannot be run (exit code $code): $line" code=64 ;;
        *) line="the program did not run (exit code $code): $line" code=2 ;;
    esac
}

forget_answer() {
    if [ -n "${answers:-}" ]; then rm -rf -- "$answers"; fi
    answers=
}

# Checks if the site accepts $image; sets $code and $line.
gate() {
    strict=
    if [ "$SQSH_PROV_STRICT" = 1 ]; then strict=--strict; fi
    if [ -n "$broken" ]; then
        code=64 line=$broken
    else
        # The expectations are several arguments: the shell splits them on purpose.
        # shellcheck disable=SC2086
        answer verify --format line --timeout "$SQSH_PROV_TIMEOUT" $strict $SQSH_PROV_EXPECT -- "$image"
        forget_answer
    fi
    # A strict site denies the job if there is no answer, whatever the reason.
    if [ -n "$strict" ] && [ "$code" -eq 64 ]; then
        code=1 line="THE SETTINGS ARE WRONG, nothing is checked, which SQSH_PROV_STRICT refuses: $line"
    elif [ -n "$strict" ] && [ "$code" -ne 0 ] && [ "$code" -ne 1 ]; then
        code=1 line="could not tell, which SQSH_PROV_STRICT refuses: $line"
    fi
}

# Cancels the job, or requeues and holds it, and writes the reason into its AdminComment.
refuse() {
    scontrol update JobId="$SLURM_JOB_ID" AdminComment="sqsh-prov denied the image $(printable "${image:-$named}"): $(printable "$line")" \
        </dev/null >/dev/null 2>&1 || say "the reason could not be written to the job"
    if [ "$SQSH_PROV_ACTION" = requeuehold ]; then
        scontrol requeuehold "$SLURM_JOB_ID" </dev/null >/dev/null 2>&1 && return 0
    fi
    scancel "$SLURM_JOB_ID" </dev/null >/dev/null 2>&1 || say "the job could not be cancelled"
    return 0
}

# Checks the image that find_image has found; sets $code and $line.
check_image() {
    if [ "$SQSH_PROV_STRICT" = 1 ] && [ -n "$container" ]; then
        # The job may run something other than the named image.
        code=1 line="could not tell, which SQSH_PROV_STRICT refuses: $note; leave out --container-name"
    elif [ -n "$image" ]; then
        gate
        if [ -n "$note" ]; then line="$line ($note)"; fi
    elif [ "$SQSH_PROV_STRICT" = 1 ]; then
        code=1 line="could not tell, which SQSH_PROV_STRICT refuses: $note; import it, and name the file"
    else
        code=2 line=$note
    fi
}

# judge WORDS COMMAND...: checks the job's image and logs the result. If the site does not accept the
# image, it logs WORDS and runs the command.
judge() {
    denied=$1
    shift
    find_image
    if [ -z "$named" ]; then
        if [ "$SQSH_PROV_LOG_ALL" = 1 ]; then say "$note"; fi
        return 0
    fi
    if [ -n "$wrong" ]; then say "THE SETTINGS ARE WRONG: $wrong"; fi
    check_image
    case $code in
        0) say "accepted: $line" ;;
        1)
            say "$denied: $line"
            "$@"
            ;;
        64) say "THE SETTINGS ARE WRONG, nothing is checked and the job runs: $line" ;;
        *) say "could not tell, the job runs: $line" ;;
    esac
}
