#include "instruction.h"

#include <string.h>

#define LONGEST 15 /* bytes of an instruction */

struct cursor {
    const unsigned char *bytes;
    size_t size, at;
    bool wide, narrow, locked; /* REX.W; operands of 16 bits; a prefix */
    bool repeated;
    unsigned map, opcode; /* 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A */
    bool vector;          /* VEX or EVEX */
    bool modrm, memory;
    unsigned reg;
    unsigned rex;         /* R, X and B, as bits 4, 2 and 1 */
    unsigned base, index; /* registers of the operand in memory, or PS_NO_REGISTER */
    unsigned scale;
    int32_t displacement;
    bool relative;
    unsigned other; /* of an operand that is none */
};

static bool next(struct cursor *c, unsigned *byte)
{
    if (c->at >= c->size || c->at >= LONGEST)
        return false;
    *byte = c->bytes[c->at++];
    return true;
}

static bool skip(struct cursor *c, size_t count)
{
    if (count > c->size - c->at || c->at + count > LONGEST)
        return false;
    c->at += count;
    return true;
}

static bool is_prefix(struct cursor *c, unsigned b)
{
    c->narrow |= b == 0x66;
    c->locked |= b == 0xf0;
    c->repeated |= b == 0xf3;
    return b == 0x66 || b == 0x67 || b == 0xf0 || b == 0xf2 || b == 0xf3 || b == 0x2e ||
           b == 0x36 || b == 0x3e || b == 0x26 || b == 0x64 || b == 0x65;
}

static bool read_vector(struct cursor *c, unsigned first)
{
    unsigned b = 0;

    c->vector = true;
    if (!next(c, &b))
        return false;
    c->map = first == 0xc5 ? 1 : b & (first == 0xc4 ? 31 : 7);
    c->rex = first == 0xc5 ? (~b >> 7 & 1) << 2 : ~b >> 5 & 7;
    if (first == 0xc4 && !skip(c, 1))
        return false;
    if (first == 0x62 && !skip(c, 2))
        return false;
    return c->map >= 1 && c->map <= 3 && next(c, &c->opcode);
}

static bool read_opcode(struct cursor *c)
{
    unsigned b;

    do {
        if (!next(c, &b))
            return false;
    } while (is_prefix(c, b));
    if ((b & 0xf0) == 0x40) {
        c->wide = b & 8;
        c->rex = b & 7;
        if (!next(c, &b))
            return false;
    }
    if (b == 0xc4 || b == 0xc5 || b == 0x62)
        return read_vector(c, b);
    c->opcode = b;
    if (b != 0x0f)
        return true;
    c->map = 1;
    if (!next(c, &c->opcode))
        return false;
    if (c->opcode != 0x38 && c->opcode != 0x3a)
        return true;
    c->map = c->opcode == 0x38 ? 2 : 3;
    return next(c, &c->opcode);
}

/* By rows of 16 opcodes, a bit each from the lowest on. */
static bool has_modrm(const struct cursor *c)
{
    static const uint16_t one[16] = {0x0f0f, 0x0f0f, 0x0f0f, 0x0f0f, 0,      0, 0x0a08, 0, 0xffff,
                                     0,      0,      0,      0x00c3, 0xff0f, 0, 0xc0c0};
    static const uint16_t two[16] = {0xa00f, 0xffff, 0xff0f, 0,      0xffff, 0xffff,
                                     0xffff, 0xff7f, 0,      0xffff, 0xf838, 0xffff,
                                     0x00ff, 0xffff, 0xffff, 0xffff};

    if (c->vector)
        return c->map != 1 || c->opcode != 0x77;
    if (c->map >= 2)
        return true;
    return (c->map ? two : one)[c->opcode >> 4] >> (c->opcode & 15) & 1;
}

/* Behind the modes of an operand in memory: what is added to its registers. */
static bool read_displacement(struct cursor *c, unsigned mode, unsigned base)
{
    const size_t size = mode == 1 ? 1 : mode == 2 || base == 5 ? 4 : 0;

    if (!skip(c, size))
        return false;
    if (size == 1)
        c->displacement = (int8_t)c->bytes[c->at - 1];
    else if (size)
        memcpy(&c->displacement, c->bytes + c->at - size, size);
    return true;
}

static unsigned numbered(const struct cursor *c, unsigned low, unsigned bit)
{
    return low | (c->rex & bit ? 8 : 0);
}

static bool read_memory(struct cursor *c, unsigned mode, unsigned base)
{
    const bool sib = base == 4;
    unsigned scale = 0;

    if (sib) {
        if (!next(c, &scale))
            return false;
        base = scale & 7;
        c->scale = scale >> 6;
        if (numbered(c, scale >> 3 & 7, 2) != 4)
            c->index = numbered(c, scale >> 3 & 7, 2);
    }
    if (mode || base != 5)
        c->base = numbered(c, base, 1);
    c->relative = !mode && base == 5 && !sib;
    return read_displacement(c, mode, base);
}

static bool read_modrm(struct cursor *c)
{
    unsigned b;

    if (!next(c, &b))
        return false;
    c->modrm = true;
    c->reg = b >> 3 & 7;
    c->memory = b >> 6 != 3;
    if (c->memory)
        return read_memory(c, b >> 6, b & 7);
    c->other = numbered(c, b & 7, 1);
    return true;
}

static size_t immediate_of_one(const struct cursor *c)
{
    const unsigned o = c->opcode;
    const size_t full = c->narrow ? 2 : 4;

    if (o < 0x40)
        return (o & 7) == 4 ? 1 : (o & 7) == 5 ? full : 0;
    if (o >= 0xb8 && o <= 0xbf)
        return c->wide ? 8 : full;
    if (o == 0xf6 || o == 0xf7)
        return c->reg > 1 ? 0 : o == 0xf6 ? 1 : full;
    if (o >= 0xa0 && o <= 0xa3)
        return 8;
    if (o == 0xe8 || o == 0xe9)
        return 4;
    if (o == 0x68 || o == 0x69 || o == 0x81 || o == 0xc7 || o == 0xa9)
        return full;
    if (o == 0xc2 || o == 0xca)
        return 2;
    if (o == 0xc8)
        return 3;
    return (o >= 0x70 && o <= 0x80) || o == 0x83 || o == 0x6a || o == 0x6b || o == 0xa8 ||
           (o >= 0xb0 && o <= 0xb7) || o == 0xc0 || o == 0xc1 || o == 0xc6 || o == 0xcd ||
           (o >= 0xe0 && o <= 0xe7) || o == 0xeb;
}

static size_t immediate(const struct cursor *c)
{
    const unsigned o = c->opcode;

    if (c->map == 0)
        return immediate_of_one(c);
    if (c->map == 1 && o >= 0x80 && o <= 0x8f && !c->vector)
        return 4;
    if (c->map == 1)
        return (o >= 0x70 && o <= 0x73) || o == 0xa4 || o == 0xac || o == 0xba || o == 0xc2 ||
               (o >= 0xc4 && o <= 0xc6);
    return c->map == 3;
}

/* That changes its memory operand, where it has one. */
static bool writes(const struct cursor *c)
{
    const unsigned o = c->opcode;

    if (c->map > 1)
        return false;
    if (c->map)
        return o == 0x11 || o == 0x13 || o == 0x17 || o == 0x29 || o == 0x2b || o == 0x7f ||
               o == 0xd6 || o == 0xe7 || (o == 0x7e && !c->repeated) ||
               (!c->vector && ((o >= 0x90 && o <= 0x9f) || o == 0xab || o == 0xb3 || o == 0xbb ||
                               (o == 0xba && c->reg > 4) || o == 0xb0 || o == 0xb1 || o == 0xc0 ||
                               o == 0xc1 || o == 0xc3 || o == 0xc7));
    if (o < 0x38)
        return (o & 7) < 2;
    if (o >= 0x80 && o <= 0x83)
        return c->reg != 7;
    return o == 0x86 || o == 0x87 || o == 0x88 || o == 0x89 || o == 0xc6 || o == 0xc7 ||
           o == 0xc0 || o == 0xc1 || (o >= 0xd0 && o <= 0xd3) ||
           ((o == 0xf6 || o == 0xf7) && (c->reg == 2 || c->reg == 3)) || (o >= 0xfe && c->reg < 2);
}

/* Reads the operand and writes it back. */
static bool changes(const struct cursor *c)
{
    return writes(c) &&
           !(c->map == 0 &&
             (c->opcode == 0x88 || c->opcode == 0x89 || c->opcode == 0xc6 || c->opcode == 0xc7)) &&
           !(c->map == 1 && (c->opcode < 0xb0 || c->vector));
}

static bool touches_nothing(const struct cursor *c)
{
    return (c->map == 0 && c->opcode == 0x8d) ||
           (c->map == 1 && (c->opcode == 0x1f || c->opcode == 0x18 || c->opcode == 0x0d));
}

static bool arithmetic(const struct cursor *c)
{
    const unsigned o = c->opcode;

    if (c->map || c->vector)
        return c->map > 1 || c->vector || o == 0xaf || (o >= 0x51 && o <= 0x5f);
    if (o < 0x38)
        /* xor r,r only clears it */
        return (o & 7) < 6 && o >> 3 != 6 && ((o & 7) > 1 || !c->memory);
    return o == 0x8d || o == 0x69 || o == 0x6b ||
           (!c->memory && ((o >= 0x80 && o <= 0x83 && c->reg != 7) || (o >= 0xfe && c->reg < 2) ||
                           o == 0xc0 || o == 0xc1 || (o >= 0xd0 && o <= 0xd3)));
}

/* A move to a register goes from an operand, or to one from a register. */
static void set_move(const struct cursor *c, struct ps_instruction *out)
{
    const unsigned o = c->opcode, reg = numbered(c, c->reg, 4);
    const bool loads =
        c->map == 1 ? (o >= 0x40 && o <= 0x4f) || o == 0xb6 || o == 0xb7 || o == 0xbe || o == 0xbf
                    : c->map == 0 && (o == 0x8a || o == 0x8b || o == 0x63);

    out->moved_to = out->moved_from = PS_NO_REGISTER;
    if (c->vector || !c->modrm)
        return;
    if (loads) {
        out->moved_to = reg;
        out->moved_from = c->memory ? PS_NO_REGISTER : c->other;
    } else if (c->map == 0 && (o == 0x88 || o == 0x89) && !c->memory) {
        out->moved_to = c->other;
        out->moved_from = reg;
    }
}

/* One byte, whose second register is part of the opcode. */
static bool is_group(unsigned o)
{
    return (o >= 0x80 && o <= 0x83) || o == 0xc0 || o == 0xc1 || o == 0xc6 || o == 0xc7 ||
           (o >= 0xd0 && o <= 0xd3) || o == 0xf6 || o == 0xf7 || o >= 0xfe;
}

/* Both operands are vector registers, or memory. */
static bool is_of_vectors(const struct cursor *c)
{
    const unsigned o = c->opcode;

    if (c->map != 1)
        return false;
    return (o >= 0x10 && o <= 0x17) || (o >= 0x28 && o <= 0x2f && o != 0x2c && o != 0x2d) ||
           (o >= 0x51 && o <= 0x7f && o != 0x7e) || (o >= 0xd0 && o != 0xd7);
}

static bool only_reads(const struct cursor *c)
{
    const unsigned o = c->opcode;

    if (c->map)
        return c->map == 1 && (o == 0x1f || (o >= 0x80 && o <= 0x8f));
    return o == 0x38 || o == 0x39 || o == 0x3a || o == 0x3b || o == 0x3c || o == 0x3d ||
           o == 0x84 || o == 0x85 || o == 0xa8 || o == 0xa9 || o == 0x90 || o == 0xe9 ||
           o == 0xeb || (o >= 0x70 && o <= 0x7f);
}

/* Without operands that are written down: rax, rcx, rdx, rsi and rdi, and what the opcode names. */
#define UNNAMED 0x00c7u
#define ANY     0xffffu

/* Vectors in instructions of general registers, and the other way round. */
static bool is_mixed(const struct cursor *c)
{
    const unsigned o = c->opcode;

    return c->map == 1 || (c->map == 2 && o >= 0xf0) || (c->map == 3 && o >= 0x14 && o <= 0x17);
}

static uint16_t touched_by_one(const struct cursor *c)
{
    const unsigned o = c->opcode;
    uint16_t registers = 0;

    if (c->memory && (o == 0x88 || o == 0x89))
        return 0;
    if (!is_group(o))
        registers = (uint16_t)(1u << numbered(c, c->reg, 4));
    if (!c->memory)
        registers |= (uint16_t)(1u << c->other);
    return o == 0xf6 || o == 0xf7 ? registers | UNNAMED : registers;
}

static uint16_t touched(const struct cursor *c)
{
    if (only_reads(c) || is_of_vectors(c))
        return 0;
    if (c->vector)
        return is_mixed(c) ? ANY : 0;
    if (c->map && !c->modrm)
        return ANY;
    if (!c->modrm && (c->opcode & 0xfe) == 0x98) /* rax made wider, in itself or to rdx */
        return c->opcode == 0x98 ? 1u : 1u | 1u << 2;
    if (!c->modrm && (c->opcode & 0xf0) == 0xb0)
        return (uint16_t)(1u << numbered(c, c->opcode & 7, 1));
    if (!c->modrm)
        return (uint16_t)(UNNAMED | 1u << 4 | 1u << numbered(c, c->opcode & 7, 1));
    if (!c->map)
        return touched_by_one(c);
    if (c->map == 1 && (c->opcode == 0x01 || c->opcode == 0xb0 || c->opcode == 0xb1))
        return ANY;
    return (uint16_t)(1u << numbered(c, c->reg, 4) | (c->memory ? 0 : 1u << c->other));
}

static void set_jump(const struct cursor *c, struct ps_instruction *out)
{
    const unsigned o = c->opcode;
    int32_t far;

    if (c->map == 0 && (o == 0xeb || (o >= 0x70 && o <= 0x7f))) {
        out->jumps = true;
        out->jump = (int8_t)c->bytes[c->at - 1];
    } else if (!c->vector &&
               ((c->map == 0 && o == 0xe9) || (c->map == 1 && o >= 0x80 && o <= 0x8f))) {
        memcpy(&far, c->bytes + c->at - 4, sizeof far);
        out->jumps = true;
        out->jump = far;
    }
}

bool ps_instruction_decode(const unsigned char *bytes, size_t size, struct ps_instruction *out)
{
    struct cursor c = {
        .bytes = bytes, .size = size, .base = PS_NO_REGISTER, .index = PS_NO_REGISTER};

    if (!read_opcode(&c) || (has_modrm(&c) && !read_modrm(&c)) || !skip(&c, immediate(&c)))
        return false;
    *out = (struct ps_instruction){.length = c.at,
                                   .base = c.base,
                                   .index = c.index,
                                   .scale = c.scale,
                                   .displacement = c.displacement,
                                   .touched = touched(&c)};
    set_move(&c, out);
    out->relative = c.relative;
    out->sets = !c.vector && c.map == 0 &&
                ((c.opcode >= 0xb8 && c.opcode <= 0xbf) || c.opcode == 0x8d ||
                 (c.opcode == 0xc7 && !c.memory));
    out->stores = c.memory && writes(&c);
    out->loads = c.memory && !touches_nothing(&c) && (!writes(&c) || changes(&c));
    out->atomic =
        out->stores && (c.locked || (c.map == 0 && (c.opcode == 0x86 || c.opcode == 0x87)));
    out->pauses = c.map == 0 && c.opcode == 0x90 && c.repeated;
    out->counts = arithmetic(&c);
    out->calls =
        c.map == 0 && (c.opcode == 0xe8 || (c.opcode == 0xff && (c.reg == 2 || c.reg == 3)));
    out->returns = c.map == 0 && (c.opcode == 0xc3 || c.opcode == 0xc2);
    set_jump(&c, out);
    out->always = out->returns || (out->jumps && c.map == 0 && (c.opcode & 0xfd) == 0xe9) ||
                  (c.map == 0 && c.opcode == 0xff && c.reg == 4);
    return true;
}
