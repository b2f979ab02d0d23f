#include "commands.h"

#define PS_ROW(name) extern const struct ps_command ps_command_##name;
#include "list.def"
#undef PS_ROW

#define PS_ROW(name) &ps_command_##name,
const struct ps_command *const ps_commands[] = {
#include "list.def"
    NULL};
#undef PS_ROW
