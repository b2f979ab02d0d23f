#include "rank_file.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "json_read.h"
#include "json_write.h"
#include "launcher.h"
#include "ranks_json.h"
#include "text.h"

#define MOST_TEXT 4096 /* bytes, each at most six in JSON */

/* Of a command line of any length, so that the line is one that is read again. */
static const char *shortened(const char *text, struct ps_arena *a)
{
    size_t length = MOST_TEXT;

    if (strlen(text) <= MOST_TEXT)
        return text;
    while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return ps_arena_format(a, "%.*s…", (int)length, text);
}

static void set_place(struct ps_json *w, json_t *o, const struct ps_rank_run *run,
                      const struct ps_rank *r)
{
    ps_json_set(w, o, "schema", ps_json_text(w, PS_RANK_SCHEMA));
    ps_json_set(w, o, "version", ps_json_text(w, run->version));
    ps_json_set(w, o, "run", ps_json_text(w, run->run));
    ps_json_set(w, o, "launcher", ps_json_text(w, run->launcher));
    ps_json_set(w, o, "command", ps_json_text(w, shortened(run->command, w->scratch)));
    ps_json_set(w, o, "rank", ps_json_whole(r->rank));
    ps_json_set(w, o, "size", ps_json_whole(r->size));
    ps_json_set(w, o, "node", ps_json_text(w, r->node));
}

static void set_use(struct ps_json *w, json_t *o, const struct ps_rank *r)
{
    ps_json_set(w, o, "wall", ps_json_real(r->wall));
    ps_json_set(w, o, "user", ps_json_real(r->user));
    ps_json_set(w, o, "system", ps_json_real(r->system));
    ps_json_set(w, o, "threads", ps_json_real(r->threads));
    ps_json_set(w, o, "max_rss", ps_json_real(r->max_rss));
    ps_json_set(w, o, "voluntary", ps_json_real(r->voluntary));
    ps_json_set(w, o, "involuntary", ps_json_real(r->involuntary));
    ps_json_set(w, o, "instructions", ps_json_real(r->instructions));
    ps_json_set(w, o, "cycles", ps_json_real(r->cycles));
    ps_json_set(w, o, "end", ps_json_text(w, r->signalled ? "signal" : "exit"));
    ps_json_set(w, o, "status", ps_json_whole(r->status));
    ps_json_set(w, o, "mpi", ps_json_text(w, ps_rank_mpi_names[r->mpi]));
    ps_json_set(w, o, "mpi_reason", ps_json_text(w, r->mpi_reason));
    ps_json_set(w, o, "window", ps_json_real(r->window));
    ps_json_set(w, o, "computing", ps_json_real(r->computing));
    ps_json_set(w, o, "calls_reason", ps_json_text(w, r->calls_reason));
    ps_json_set(w, o, "cpu", ps_json_real(r->cpu));
    ps_json_set(w, o, "start_up", ps_json_real(r->start_up));
    ps_json_set(w, o, "useful_instructions", ps_json_real(r->useful_instructions));
    ps_json_set(w, o, "useful_cycles", ps_json_real(r->useful_cycles));
    ps_json_set(w, o, "counts_reason", ps_json_text(w, r->counts_reason));
    ps_json_set(w, o, "use", ps_json_mpi_uses(w, r->use));
}

int ps_rank_write(const struct ps_rank_run *run, const struct ps_rank *r, struct ps_str *out,
                  struct ps_err *e)
{
    struct ps_arena scratch;
    struct ps_json w = {&scratch, false};
    json_t *o = json_object();

    ps_arena_init(&scratch, NULL);
    set_place(&w, o, run, r);
    set_use(&w, o, r);
    ps_json_dump(&w, o, out);
    ps_str_add(out, "\n");
    ps_arena_finish(&scratch);
    return w.failed || out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

/* Of what can't be negative. */
static double amount(const struct ps_node *o, const char *key)
{
    const double value = ps_read_number(o, key);
    struct ps_node n = ps_read_member(o, key);

    if (value < 0)
        ps_read_fail(&n, "%g is negative", value);
    return value;
}

/* That there must be. */
static double known_amount(const struct ps_node *o, const char *key)
{
    const double value = amount(o, key);
    struct ps_node n = ps_read_member(o, key);

    if (isnan(value))
        ps_read_fail(&n, "expected a number");
    return value;
}

static const char *kept_text(const struct ps_node *o, const char *key, struct ps_interned *names)
{
    const char *text = ps_read_text_or_null(o, key);
    const char *kept = text ? ps_interned_keep(names, text, PS_RANK_NAMES) : NULL;
    struct ps_node n = ps_read_member(o, key);

    if (text && !kept && names->bytes + strlen(text) >= PS_RANK_NAMES)
        ps_read_fail(&n, "there are more than 64 MiB of different names");
    if (text && !kept && !o->reader->rc)
        o->reader->rc =
            ps_fail(o->reader->err, ENOMEM, "%s: out of memory for names", o->reader->file);
    return kept;
}

static const char *kept_name(const struct ps_node *o, const char *key, struct ps_interned *names)
{
    const char *text = kept_text(o, key, names);
    struct ps_node n = ps_read_member(o, key);

    if (!text)
        ps_read_fail(&n, "expected text");
    return text;
}

static void read_uses(const struct ps_node *o, struct ps_mpi_use *use)
{
    const struct ps_node all = ps_read_member(o, "use");

    for (size_t k = 0; k < PS_MPI_KINDS; k++) {
        const struct ps_node n = ps_read_member(&all, ps_mpi_kind_name((enum ps_mpi_kind)k));

        use[k].calls = ps_read_whole(&n, "calls", 0, INT64_MAX);
        use[k].time = known_amount(&n, "time");
        use[k].bytes = known_amount(&n, "bytes");
    }
}

static void read_run(const struct ps_node *o, struct ps_interned *names, struct ps_rank_run *run)
{
    static const char *const schemas[] = {PS_RANK_SCHEMA};

    ps_read_known(o, "schema", "schema that this version reads", schemas, 1);
    run->version = kept_name(o, "version", names);
    run->run = kept_text(o, "run", names);
    run->launcher = kept_name(o, "launcher", names);
    run->command = kept_name(o, "command", names);
}

static void read_end(const struct ps_node *o, struct ps_rank *r)
{
    static const char *const ends[] = {"exit", "signal"};
    const char *end = ps_read_known(o, "end", "known end", ends, 2);

    r->signalled = end && !strcmp(end, "signal");
    r->status = (unsigned)ps_read_whole(o, "status", r->signalled ? 1 : 0, r->signalled ? 64 : 255);
}

static void read_mpi(const struct ps_node *o, struct ps_interned *names, struct ps_rank *r)
{
    const char *mpi = ps_read_known(o, "mpi", "known use of MPI", ps_rank_mpi_names, PS_RANK_MPIS);
    struct ps_node n = ps_read_member(o, "computing");

    for (unsigned i = 0; mpi && i < PS_RANK_MPIS; i++)
        if (!strcmp(mpi, ps_rank_mpi_names[i]))
            r->mpi = (enum ps_rank_mpi)i;
    r->mpi_reason = kept_text(o, "mpi_reason", names);
    r->window = r->mpi == PS_RANK_MPI_UNKNOWN ? amount(o, "window") : known_amount(o, "window");
    r->computing =
        r->mpi == PS_RANK_MPI_UNKNOWN ? amount(o, "computing") : known_amount(o, "computing");
    if (r->computing > r->window && r->mpi >= PS_RANK_MPI_SAMPLED)
        ps_read_fail(&n, "%g s are more than the window of %g s", r->computing, r->window);
    r->calls_reason = kept_text(o, "calls_reason", names);
    r->cpu = amount(o, "cpu");
    r->start_up = amount(o, "start_up");
}

/* Files of earlier versions have none. */
static void read_counts(const struct ps_node *o, struct ps_interned *names, struct ps_rank *r)
{
    r->useful_instructions = r->useful_cycles = NAN;
    r->counts_reason = "an earlier version of parscope wrote the files";
    if (!ps_read_has(o, "useful_instructions"))
        return;
    r->useful_instructions = amount(o, "useful_instructions");
    r->useful_cycles = amount(o, "useful_cycles");
    r->counts_reason = kept_text(o, "counts_reason", names);
}

static void read_rank(const struct ps_node *o, struct ps_interned *names, struct ps_rank *r)
{
    r->size = (uint32_t)ps_read_whole(o, "size", 1, PS_MOST_RANKS);
    r->rank = (uint32_t)ps_read_whole(o, "rank", 0, r->size ? r->size - 1 : 0);
    r->node = kept_name(o, "node", names);
    r->wall = known_amount(o, "wall");
    r->user = known_amount(o, "user");
    r->system = known_amount(o, "system");
    r->threads = amount(o, "threads");
    r->max_rss = amount(o, "max_rss");
    r->voluntary = amount(o, "voluntary");
    r->involuntary = amount(o, "involuntary");
    r->instructions = amount(o, "instructions");
    r->cycles = amount(o, "cycles");
    read_end(o, r);
    read_mpi(o, names, r);
    read_counts(o, names, r);
    read_uses(o, r->use);
}

int ps_rank_read(const struct ps_rank_line *line, struct ps_interned *names,
                 struct ps_rank_run *run, struct ps_rank *r, struct ps_err *e)
{
    struct ps_arena scratch;
    struct ps_reader reader = {.file = line->file, .arena = &scratch, .err = e};
    struct ps_rank_run found_run = {0};
    struct ps_rank found = {0};
    json_error_t error;
    json_t *document = json_loadb(line->text, line->length, JSON_REJECT_DUPLICATES, &error);

    ps_arena_init(&scratch, NULL);
    if (!document)
        reader.rc = ps_fail(e, EINVAL, "%s: not the line of a rank, or not whole: %s", line->file,
                            ps_text_clean(&scratch, error.text));
    else {
        const struct ps_node root = {.reader = &reader, .value = document};

        read_run(&root, names, &found_run);
        read_rank(&root, names, &found);
    }
    json_decref(document);
    ps_arena_finish(&scratch);
    if (reader.rc)
        return reader.rc;
    *run = found_run;
    *r = found;
    return 0;
}
