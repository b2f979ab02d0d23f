/* One line on standard error that says what is being measured, the estimate so far and the time
 * left. */
#ifndef PS_PROGRESS_H
#define PS_PROGRESS_H

#include <stdbool.h>

#include "hooks.h"

struct ps_progress_line {
    bool shown;   /* wanted */
    bool written; /* something stands on the line */
};

#define PS_PROGRESS_WIPE "\r\033[K"

/* Standard error is a terminal that can overwrite a line. */
bool ps_progress_possible(void);
ps_progress_fn ps_progress_show; /* arg: struct ps_progress_line * */
void ps_progress_wipe(struct ps_progress_line *line);

#endif
