/* Skips a cmocka test with its reason; tests/tap.py puts the reason behind the TAP line. */
#ifndef TESTS_SKIP_H
#define TESTS_SKIP_H

#define skip_because(reason)                 \
    do {                                     \
        print_message("skip: %s\n", reason); \
        skip();                              \
    } while (0)

#endif
