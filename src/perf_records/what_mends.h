/* Why events can't be opened, and what would mend it. */
#ifndef PS_WHAT_MENDS_H
#define PS_WHAT_MENDS_H

/* Of a positive errno. */
const char *ps_rings_what_mends(int err);

#endif
