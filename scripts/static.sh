# shellcheck shell=bash
# Sourced by scripts/dist and scripts/dist-wheel, which build what is given to others, scripts/test-dist,
# which tests it, and scripts/bench, which measures it.

# How packaging/memory.c is compiled.
memory_flags=(-O2 -ffreestanding -fno-tree-loop-distribute-patterns)

# static_environment TARGET DIRECTORY: exports what a static program for TARGET is built with; DIRECTORY
# is for what is made on the way.
static_environment() {
    local target=$1 made host flags lld registry
    made=$(realpath -m -- "$2")
    host=$(rustc -vV | sed -n 's/^host: //p')
    # At a fixed address there is nothing to relocate at the start, and no dynamic section. With frame
    # pointers the tables for unwinding are smaller by a third. Paths of this machine stay out of it.
    flags=(-C relocation-model=static -C target-feature=+crt-static -C force-frame-pointers=yes
        "--remap-path-prefix=$PWD=/sqsh-prov"
        "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
        "--remap-path-prefix=$(rustc --print sysroot)=/rust")
    # Where the crates are is only known when they are there.
    cargo fetch --locked --quiet
    for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
        flags+=("--remap-path-prefix=$registry=")
    done
    # The linker that comes with Rust holds functions that are the same once.
    lld=$(rustc --print sysroot)/lib/rustlib/$host/bin/gcc-ld
    if [ -x "$lld/ld.lld" ] && [ "${target%%-*}" = "${host%%-*}" ]; then
        flags+=(-C link-arg=-fuse-ld=lld "-Clink-arg=-B$lld" -C 'link-arg=-Wl,--icf=all')
    fi

    # Of zstd only what blocks of at most 1 MiB need, https://github.com/facebook/zstd/tree/dev/lib
    # ("Minimize binary size"). mimalloc is not told anything by the environment. Nothing unwinds
    # through C.
    local cflags='-DHUF_FORCE_DECOMPRESS_X1 -DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -DMI_NO_GETENV'
    cflags+=' -fno-unwind-tables -fno-asynchronous-unwind-tables'
    case $target in
    x86_64-unknown-linux-musl)
        # Before the C library is searched.
        mkdir -p "$made"
        musl-gcc "${memory_flags[@]}" -fno-asynchronous-unwind-tables -c packaging/memory.c -o "$made/memory.o"
        rm -f "$made/libmemory.a"
        ar rcsD "$made/libmemory.a" "$made/memory.o"
        flags+=("-Lnative=$made" -l static:-bundle=memory)
        ;;
    aarch64-unknown-linux-musl)
        # zstd and mimalloc are C, and need only basic functions of the C library. The headers of
        # another C library are enough, without the functions that only glibc has.
        export CC_aarch64_unknown_linux_musl=aarch64-linux-gnu-gcc
        cflags+=' -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=0'
        export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=aarch64-linux-gnu-gcc
        ;;
    esac
    export "CFLAGS_${target//-/_}=$cflags"
    CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && printf '%s' "${flags[*]}")
    export CARGO_ENCODED_RUSTFLAGS
}

# alone DIRECTORY COMMAND...: one build in DIRECTORY at a time. Two would write the same files, and maturin takes
# the program away from where cargo put it.
alone() {
    local directory=$1
    shift
    mkdir -p "$directory"
    (flock 9 && "$@") 9>"$directory/static.lock"
}

# install COMMAND PACKAGE...: the packages, where the command is missing.
install() {
    local command=$1
    shift
    command -v "$command" >/dev/null && return 0
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq >/dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    fi
    command -v "$command" >/dev/null || { printf 'needs %s (%s)\n' "$command" "$*" >&2 && return 1; }
}

has_target() {
    test -d "$(rustc --print target-libdir --target "$target" 2>/dev/null)"
}

# choose_target ARCHITECTURE: sets $target to the triple that is built for, with its C compiler and linker.
# With $quick it may be one of glibc.
choose_target() {
    local arch=$1
    target=$arch-unknown-linux-musl
    if ! has_target && ! { timeout 300 rustup target add "$target" >/dev/null 2>&1 && has_target; }; then
        # The GNU C library is under the LGPL, so a program for others must link musl.
        [ -n "$quick" ] && [ "$arch" = "$(uname -m)" ] ||
            { printf 'Rust has no %s here: rustup target add %s\n' "$target" "$target" >&2 && return 1; }
        target=$arch-unknown-linux-gnu
        printf 'no musl for Rust: linked with the GNU C library, for a test only\n'
    fi
    case $target in x86_64-unknown-linux-musl) install musl-gcc musl-tools ;; esac
    if [ "$arch" = aarch64 ]; then install aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross; fi
}
