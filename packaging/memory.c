/* memcpy and memmove for the static program on x86_64.

   musl's are one `rep movsq`, which takes dozens of cycles to start, and most of what is copied has a
   few bytes: the runs of an LZO block, names, values. With these `show` takes three quarters of the time
   and `--deep` of an LZO image half of it. What is to be written is read before anything is written, so
   that both may overlap; blocks of constant size are single instructions. */
#include <stddef.h>

typedef struct { unsigned long long half[2]; } __attribute__((may_alias, packed)) Sixteen;
typedef unsigned long long __attribute__((may_alias, aligned(1))) Eight;
typedef unsigned __attribute__((may_alias, aligned(1))) Four;

/* The first and the last bytes of a type's size, which overlap where there are fewer than two. */
#define BOTH_ENDS(Type)                                    \
    do {                                                   \
        Type first = *(const Type *)from;                  \
        Type last = *(const Type *)(from + n - sizeof last); \
        *(Type *)to = first;                               \
        *(Type *)(to + n - sizeof last) = last;            \
    } while (0)

void *memmove(void *target, const void *source, size_t n) {
    unsigned char *to = target;
    const unsigned char *from = source;
    if (n > 32) {
        Sixteen a, b;
        if ((size_t)(to - from) >= n) {
            /* Forwards; the last bytes may be overwritten on the way. */
            Sixteen last = *(const Sixteen *)(from + n - 16);
            Sixteen before = *(const Sixteen *)(from + n - 32);
            unsigned char *end = to + n;
            for (; n > 32; n -= 32, to += 32, from += 32) {
                a = *(const Sixteen *)from;
                b = *(const Sixteen *)(from + 16);
                *(Sixteen *)to = a;
                *(Sixteen *)(to + 16) = b;
            }
            *(Sixteen *)(end - 32) = before;
            *(Sixteen *)(end - 16) = last;
        } else {
            /* Backwards; the first bytes may be overwritten on the way. */
            Sixteen first = *(const Sixteen *)from;
            Sixteen behind = *(const Sixteen *)(from + 16);
            for (; n > 32; n -= 32) {
                a = *(const Sixteen *)(from + n - 16);
                b = *(const Sixteen *)(from + n - 32);
                *(Sixteen *)(to + n - 16) = a;
                *(Sixteen *)(to + n - 32) = b;
            }
            *(Sixteen *)to = first;
            *(Sixteen *)(to + 16) = behind;
        }
    } else if (n >= 16) {
        BOTH_ENDS(Sixteen);
    } else if (n >= 8) {
        BOTH_ENDS(Eight);
    } else if (n >= 4) {
        BOTH_ENDS(Four);
    } else if (n > 0) {
        unsigned char first = from[0], middle = from[n / 2], last = from[n - 1];
        to[0] = first;
        to[n / 2] = middle;
        to[n - 1] = last;
    }
    return target;
}

void *memcpy(void *target, const void *source, size_t n) {
    return memmove(target, source, n);
}
