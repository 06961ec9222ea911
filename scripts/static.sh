# Sourced by scripts/dist, which builds what is given to others, scripts/test-dist, which tests it, and
# scripts/bench, which measures it.

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
        flags+=(-C link-arg=-fuse-ld=lld "-Clink-arg=-B$lld" -C link-arg=-Wl,--icf=all)
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
        # zstd and mimalloc are C that needs no more than the C library's basic functions, so that the
        # headers of another C library do; without those of its functions that only glibc has.
        export CC_aarch64_unknown_linux_musl=aarch64-linux-gnu-gcc
        cflags+=' -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=0'
        export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=aarch64-linux-gnu-gcc
        ;;
    esac
    export "CFLAGS_${target//-/_}=$cflags"
    CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && printf '%s' "${flags[*]}")
    export CARGO_ENCODED_RUSTFLAGS
}
