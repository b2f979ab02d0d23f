/* Files of calls: what is read is played again, by as many ranks as it says, which all do the same.
 */
#include <math.h>
#include <string.h>

#include "call_file.h"
#include "fuzz.h"
#include "replay.h"

#define MOST 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_call_file all[MOST], f;
    struct ps_call_head head = {0};
    struct ps_rank rank = {0};
    double time;
    int rc;

    if (size >= sizeof head)
        memcpy(&head, data, sizeof head);
    rank = (struct ps_rank){.rank = head.rank, .size = head.size, .window = head.window};
    rc = ps_call_file_read(fuzz_file(data, size), &rank, &f);
    must(rc <= 0, "an error is negative");
    if (!rc && f.head.size <= MOST) {
        for (uint32_t i = 0; i < f.head.size; i++)
            all[i] = f;
        time = ps_replay(all, f.head.size);
        must(isnan(time) || time >= 0, "no time is negative");
    }
    ps_call_file_free(&f);
    return 0;
}
