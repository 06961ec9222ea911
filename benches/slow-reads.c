/* A library that is loaded before libc (LD_PRELOAD): each read of a file *.sqsh waits first, as a parallel file system
   lets it wait. A program that is linked statically does not see it. Built by scripts/bench and scripts/bench-latency. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void wait_for(int fd) {
    char link[32] = "/proc/self/fd/", path[4096], digits[12];
    int count = 0, at = 14;
    do digits[count++] = '0' + fd % 10; while (fd /= 10);
    while (count) link[at++] = digits[--count];
    link[at] = 0;
    ssize_t length = readlink(link, path, sizeof path);
    if (length < 5 || memcmp(path + length - 5, ".sqsh", 5)) return;
    long wait = atol(getenv("READ_TAKES_MICROSECONDS"));
    struct timespec left = {wait / 1000000, wait % 1000000 * 1000};
    nanosleep(&left, 0);
}
ssize_t pread64(int fd, void *to, size_t size, off_t at) {
    static ssize_t (*next)(int, void *, size_t, off_t);
    if (!next) next = dlsym(RTLD_NEXT, "pread64");
    wait_for(fd);
    return next(fd, to, size, at);
}
ssize_t pread(int fd, void *to, size_t size, off_t at) { return pread64(fd, to, size, at); }
ssize_t read(int fd, void *to, size_t size) {
    static ssize_t (*next)(int, void *, size_t);
    if (!next) next = dlsym(RTLD_NEXT, "read");
    wait_for(fd);
    return next(fd, to, size);
}
