#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK    4096
#define LAST_BLOCK     ((size_t)1 << 20)
#define FIRST_CAPACITY 8

struct ps_arena_block {
    struct ps_arena_block *next;
    size_t size, used;
    _Alignas(max_align_t) unsigned char data[];
};

void ps_arena_init(struct ps_arena *a, ps_oom_fn *on_oom)
{
    *a = (struct ps_arena){.on_oom = on_oom};
}

void ps_arena_finish(struct ps_arena *a)
{
    while (a->blocks) {
        struct ps_arena_block *next = a->blocks->next;

        free(a->blocks);
        a->blocks = next;
    }
}

static struct ps_arena_block *add_block(struct ps_arena *a, size_t least)
{
    size_t size = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK;
    struct ps_arena_block *b;

    if (size > LAST_BLOCK)
        size = LAST_BLOCK;
    if (size < least)
        size = least;
    if (size > SIZE_MAX - sizeof *b)
        a->on_oom();
    b = calloc(1, sizeof *b + size);
    if (!b)
        a->on_oom();
    b->size = size;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

void *ps_arena_alloc(struct ps_arena *a, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    struct ps_arena_block *b = a->blocks;
    void *p;

    if (size > SIZE_MAX - align)
        a->on_oom();
    size = (size + align - 1) / align * align;
    if (!b || size > b->size - b->used)
        b = add_block(a, size);
    p = b->data + b->used;
    b->used += size;
    return p;
}

void *ps_arena_array(struct ps_arena *a, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        a->on_oom();
    return ps_arena_alloc(a, bytes);
}

char *ps_arena_copy(struct ps_arena *a, const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(ps_arena_alloc(a, size), text, size);
}

char *ps_arena_vformat(struct ps_arena *a, const char *format, va_list args)
{
    va_list again;
    char *text;
    int length;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        a->on_oom();
    text = ps_arena_alloc(a, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

char *ps_arena_format(struct ps_arena *a, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = ps_arena_vformat(a, format, args);
    va_end(args);
    return text;
}

void *ps_arena_grow(struct ps_arena *a, void *array, size_t count, size_t size)
{
    size_t capacity = count ? count * 2 : FIRST_CAPACITY;
    void *bigger;

    if (count && (count < FIRST_CAPACITY || (count & (count - 1))))
        return array;
    if (count > SIZE_MAX / 2)
        a->on_oom();
    bigger = ps_arena_array(a, capacity, size);
    if (count)
        memcpy(bigger, array, count * size);
    return bigger;
}
