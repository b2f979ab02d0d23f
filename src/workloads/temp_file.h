/* Temporary files without a name. */
#ifndef PS_TEMP_FILE_H
#define PS_TEMP_FILE_H

#include <stdint.h>

/* A descriptor, or -errno. In TMPDIR, else /tmp; the file has no name from the start, so that it is
 * gone when the last process that has it open ends. */
int ps_temp_file(void);
/* All `bytes` at the offset. 0, -EIO where the file ends before, or -errno. */
int ps_temp_file_read(int fd, unsigned char *data, uint64_t bytes, uint64_t offset);
int ps_temp_file_write(int fd, unsigned char *data, uint64_t bytes, uint64_t offset);

#endif
