//! What each command asks of the system.

use super::*;

/// Calls that change nothing outside of the process. Opening, threads and programs are looked at one by one.
const HARMLESS: &[&str] = &[
    "access",
    "arch_prctl",
    "brk",
    "clock_gettime",
    "clock_nanosleep",
    "close",
    "exit",
    "exit_group",
    "fadvise64",
    "fcntl",
    "fgetxattr",
    "fstat",
    "fstatfs",
    "fsync",
    "futex",
    "getcwd",
    "getdents64",
    "getegid",
    "geteuid",
    "getgid",
    "getpid",
    "getrandom",
    "gettid",
    "getuid",
    "ioctl",
    "landlock_add_rule",
    "landlock_create_ruleset",
    "landlock_restrict_self",
    "lseek",
    "lstat",
    "madvise",
    "membarrier",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "newfstatat",
    "poll",
    "prctl",
    "pread64",
    "prlimit64",
    "read",
    "readlink",
    "readlinkat",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sched_getaffinity",
    "sched_yield",
    "set_robust_list",
    "set_tid_address",
    "sigaltstack",
    "stat",
    "statfs",
    "statx",
    "sysinfo",
    "tgkill",
    "umask",
    "uname",
    "write",
    "writev",
];

/// What a command did that it must not do.
fn offences(trace: &str, command: &str, directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut programs = 0;
    let output = command
        .contains("OUTPUT")
        .then(|| directory.join("out").display().to_string());
    for (call, arguments) in calls(trace) {
        let in_output = output
            .as_ref()
            .is_some_and(|output| arguments.contains(output.as_str()))
            // By the name in a directory that is open.
            || (output.is_some() && arguments.contains("\"report.unfinished\""));
        let harmless = match call {
            "execve" => {
                programs += 1;
                programs == 1
            }
            "clone" | "clone3" => arguments.contains("CLONE_THREAD"),
            "open" | "openat" | "openat2" => {
                let writes = [
                    "O_WRONLY",
                    "O_RDWR",
                    "O_CREAT",
                    "O_TRUNC",
                    "O_APPEND",
                    "O_TMPFILE",
                ];
                !writes.iter().any(|flag| arguments.contains(flag)) || in_output
            }
            "rename" | "renameat" | "renameat2" => in_output,
            // A report that takes an old one's place keeps its permissions.
            "fchmod" | "fchown" | "flock" => output.is_some(),
            other => HARMLESS.contains(&other),
        };
        if !harmless {
            found.push(format!("{command}: {call}({arguments}"));
        }
    }
    found
}

#[test]
fn no_command_writes_connects_or_starts_a_program() {
    let directory = prepared();
    for command in COMMANDS {
        let Some(trace) = traced(command, directory.path()) else {
            return;
        };
        assert!(calls(&trace).count() > 20, "{command}: {trace}");
        let found = offences(&trace, command, directory.path());
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

#[test]
fn a_trace_of_something_else_is_not_harmless() {
    let directory = Path::new("/tmp");
    for bad in [
        "1 openat(AT_FDCWD, \"/etc/x\", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 3",
        "1 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3",
        "1 unlink(\"/x\") = 0",
        "1 clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88) = 7",
        "1 execve(\"/a\", [\"a\"], 0x0) = 0\n1 execve(\"/bin/sh\", [\"sh\"], 0x0) = 0",
        "1 setxattr(\"/x\", \"user.y\", \"z\", 1, 0) = 0",
        "1 ptrace(PTRACE_TRACEME) = 0",
    ] {
        assert_eq!(offences(bad, "show ONE", directory).len(), 1, "{bad}");
    }
}
