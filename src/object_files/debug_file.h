/* Where the debugging information of a stripped file lies: by build ID or by the name that the file
 * gives, below /usr/lib/debug, beside the file, or in debuginfod's local cache. No network. */
#ifndef PS_SYMBOLS_DEBUG_FILE_H
#define PS_SYMBOLS_DEBUG_FILE_H

#include <elfutils/libdwfl.h>

/* libdwfl's find_debuginfo. */
int ps_debug_file_find(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                       const char *path, const char *link, GElf_Word crc, char **found);

#endif
