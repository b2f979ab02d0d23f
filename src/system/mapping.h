/* A part of an address space that a file, or memory of a name such as "[vdso]", is mapped to. */
#ifndef PS_MAPPING_H
#define PS_MAPPING_H

#include <stdint.h>

struct ps_mapping {
    uint64_t start, end, offset;
    uint64_t device, inode; /* 0: not known */
    const char *path;       /* not owned */
};

#endif
