/* Which hypervisor is below us; private to the topology layer. */
#ifndef PS_VIRTUALIZATION_H
#define PS_VIRTUALIZATION_H

/* "kvm", "xen", ..., "vm" for one that does not say its name, "none", "unknown". Static text. The
 * CPU itself is asked only where root is "". */
const char *ps_virtualization(const char *root);

#endif
