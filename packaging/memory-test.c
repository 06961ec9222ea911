/* Compares memory.c with loops over single bytes: every length up to a few hundred, every distance of
   overlap, and with the bytes behind and before the end of what may be touched out of reach. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define memcpy tested_memcpy
#define memmove tested_memmove
#include "memory.c"
#undef memcpy
#undef memmove

enum { MOST = 300 };

/* A page, or its half, that has one in front and one behind that nobody may touch. */
static unsigned char *fenced(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *at = mmap(0, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || mprotect(at + page, size, PROT_READ | PROT_WRITE) != 0) exit(2);
    return at + page;
}

static void check(int right, const char *what, size_t n, long distance) {
    if (!right) {
        printf("%s: %zu bytes, distance %ld\n", what, n, distance);
        exit(1);
    }
}

static void fill(unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(i * 167 + i / 251);
}

int main(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = page;
    unsigned char *one = fenced(size), *other = fenced(size), *expected = malloc(size);
    if (!expected) return 2;
    for (size_t n = 0; n <= MOST; n++) {
        /* At the first bytes that may be touched, and at the last. */
        for (int side = 0; side < 4; side++) {
            unsigned char *from = side & 1 ? one + size - n : one, *to = side & 2 ? other + size - n : other;
            fill(one, size);
            for (size_t i = 0; i < size; i++) other[i] = 0xee;
            check(tested_memcpy(to, from, n) == to, "result", n, side);
            for (size_t i = 0; i < size; i++) {
                int inside = other + i >= to && other + i < to + n;
                check(other[i] == (inside ? from[&other[i] - to] : 0xee), "memcpy", n, side);
            }
        }
        for (long distance = -MOST; distance <= MOST; distance++) {
            unsigned char *from = one + MOST, *to = from + distance;
            fill(one, size);
            fill(expected, size);
            for (size_t i = 0; i < n; i++) expected[MOST + distance + (long)i] = from[i];
            tested_memmove(to, from, n);
            for (size_t i = 0; i < size; i++) check(one[i] == expected[i], "memmove", n, distance);
        }
    }
    printf("memcpy and memmove: every length up to %d\n", MOST);
    return 0;
}
