#include "cpuinfo.h"

#include <string.h>

#include "sysfile.h"

/* Splits "KEY<blanks>: VALUE" and returns the value if the key is this one. */
static char *match(char *line, const char *key)
{
    char *colon = strchr(line, ':');

    if (!colon)
        return NULL;
    *colon = '\0';
    return !strcmp(ps_sysfile_trim(line), key) ? ps_sysfile_trim(colon + 1) : NULL;
}

static bool find_value(FILE *f, const char *key, char *value, size_t size)
{
    char line[8192];
    bool begun = false;

    while (ps_sysfile_next(f, line, sizeof line)) {
        char *found;

        if (begun && !*line)
            return false;
        begun = begun || *line;
        found = match(line, key);
        if (found && *found) {
            snprintf(value, size, "%s", found);
            return true;
        }
    }
    return false;
}

bool ps_cpuinfo_value(const char *root, const char *key, char *value, size_t size)
{
    FILE *f = ps_sysfile_open(root, "/proc/cpuinfo");
    bool found;

    if (!f)
        return false;
    found = find_value(f, key, value, size);
    fclose(f);
    return found;
}

struct arm_part {
    const char *part, *name;
};

/* Parts of implementer 0x41, from Arm's reference manuals (MIDR_EL1.PartNum). */
static const struct arm_part arm_parts[] = {
    {"0xd03", "Cortex-A53"},  {"0xd05", "Cortex-A55"}, {"0xd07", "Cortex-A57"},
    {"0xd08", "Cortex-A72"},  {"0xd0b", "Cortex-A76"}, {"0xd0c", "Neoverse N1"},
    {"0xd40", "Neoverse V1"}, {"0xd41", "Cortex-A78"}, {"0xd49", "Neoverse N2"},
    {"0xd4f", "Neoverse V2"},
};

/* arm64 has no model name, only the numbers of its identification register. */
static const char *arm_model(struct ps_arena *a, const char *root)
{
    char implementer[32], part[32];

    if (!ps_cpuinfo_value(root, "CPU implementer", implementer, sizeof implementer) ||
        !ps_cpuinfo_value(root, "CPU part", part, sizeof part))
        return NULL;
    for (size_t i = 0; i < sizeof arm_parts / sizeof *arm_parts; i++) {
        if (!strcmp(implementer, "0x41") && !strcmp(part, arm_parts[i].part))
            return ps_arena_format(a, "ARM %s", arm_parts[i].name);
    }
    return ps_arena_format(a, "ARM implementer %s part %s", implementer, part);
}

const char *ps_cpuinfo_model(struct ps_arena *a, const char *root)
{
    /* x86, then POWER, MIPS, RISC-V. */
    static const char *const keys[] = {"model name", "cpu", "cpu model", "uarch"};
    const char *arm;
    char value[256];

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (ps_cpuinfo_value(root, keys[i], value, sizeof value))
            return ps_arena_copy(a, value);
    }
    arm = arm_model(a, root);
    return arm ? arm : "unknown";
}
