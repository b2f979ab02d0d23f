/* Skips a cmocka test with its reason; tests/tap.py puts the reason behind the TAP line. */
#ifndef TESTS_SKIP_H
#define TESTS_SKIP_H

/* A sanitizer adds threads and mappings to each process. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define INSTRUMENTED 1
#else
#define INSTRUMENTED 0
#endif

#define skip_because(reason)                 \
    do {                                     \
        print_message("skip: %s\n", reason); \
        skip();                              \
    } while (0)

#endif
