/* Spacing of data that different CPUs write. */
#ifndef PS_CACHELINE_H
#define PS_CACHELINE_H

/* Two 64-byte lines, because adjacent-line prefetchers fetch pairs. */
#define PS_LINE    128
#define PS_ALIGNED _Alignas(PS_LINE)

#endif
