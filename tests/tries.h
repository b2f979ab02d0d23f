/* Builds with a sanitizer look at what code does, at several times the cost, and a build with clang
 * at what another compiler makes of it: what is right in each of many tries is tried less often
 * there, and shares of tries are judged in the build with gcc. */
#ifndef TRIES_H
#define TRIES_H

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined __clang__
#define FEW_TRIES true
#else
#define FEW_TRIES false
#endif

static inline int tries(int count)
{
    return FEW_TRIES && count > 20 ? 20 : count;
}

#endif
