/* Numbers as people write and read them. */
#ifndef PS_UNITS_H
#define PS_UNITS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "err.h"

/* "10M" -> 10000000. Suffixes k M G T (powers of 1000) and Ki Mi Gi Ti; a fraction is allowed where
 * the result is whole ("1.5M"). what names the thing in errors ("--threads", "size"). The value
 * must be in low..high, else -ERANGE with the range in words; -EINVAL for anything that is no
 * count. */
int ps_parse_count(const char *text, const char *what, uint64_t low, uint64_t high, uint64_t *value,
                   struct ps_err *e);
/* "200us" -> 2e-4 s. Suffixes ns us µs ms s min h; a bare number is seconds. Otherwise as above. */
int ps_parse_time(const char *text, const char *what, double low, double high, double *seconds,
                  struct ps_err *e);
/* A plain decimal number; NaN, infinity and hexadecimal are refused. `5%` is 0.05. */
int ps_parse_real(const char *text, const char *what, double low, double high, double *value,
                  struct ps_err *e);

/* Each writes into out (size bytes) and returns out. Three significant digits, so that columns are
 * narrow: "8.12 ms", "412 ns", "1.25 G", "10M". NaN gives "-". */
char *ps_format_time(char *out, size_t size, double seconds);
char *ps_format_si(char *out, size_t size, double value); /* "412", "8.12 k", "1.25 G", "0.031" */
char *ps_format_count(char *out, size_t size,
                      uint64_t value); /* exact and parseable: "10M", "1234" */
char *ps_format_bytes(char *out, size_t size, double bytes);      /* "80.0 MB" */
char *ps_format_percent(char *out, size_t size, double fraction); /* 0.987 -> "98.7 %" */
/* RFC 3339, UTC: "2026-01-31T23:59:59Z". */
char *ps_format_time_stamp(char *out, size_t size, time_t when);
/* The shortest texts, of 15 to 17 digits, that parse back to exactly the same value. */
char *ps_format_real(char *out, size_t size, double value);         /* "0.25", "1e-7" */
char *ps_format_exact_time(char *out, size_t size, double seconds); /* "200us", "2.6us", "1h" */

#endif
