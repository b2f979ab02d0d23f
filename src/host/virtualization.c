#include "virtualization.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "cpuinfo.h"
#include "sysfile.h"

struct sign {
    const char *text, *name;
};

static const char *find_sign(const struct sign *signs, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (!strncmp(text, signs[i].text, strlen(signs[i].text)))
            return signs[i].name;
    }
    return NULL;
}

#define FIND_SIGN(signs, text) find_sign(signs, sizeof(signs) / sizeof *(signs), text)

#if defined(__x86_64__)
/* Hypervisors announce themselves by bit 31 of ECX of leaf 1, which real CPUs keep zero, and sign
 * in EBX, ECX, EDX of leaf 0x40000000. */
static const char *ask_cpu(void)
{
    static const struct sign signs[] = {
        {"KVMKVMKVM", "kvm"},        {"Linux KVM Hv", "kvm"},        {"TCGTCGTCGTCG", "qemu"},
        {"VMwareVMware", "vmware"},  {"Microsoft Hv", "hyperv"},     {"XenVMMXenVMM", "xen"},
        {"bhyve bhyve ", "bhyve"},   {"VBoxVBoxVBox", "virtualbox"}, {"ACRNACRNACRN", "acrn"},
        {"prl hyperv", "parallels"}, {" lrpepyh", "parallels"},
    };
    unsigned eax, ebx, ecx, edx;
    char signature[13] = {0};
    const char *name;

    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
        return NULL;
    if (!(ecx & 1u << 31))
        return "none";
    __cpuid(0x40000000, eax, ebx, ecx, edx);
    memcpy(signature, &ebx, 4);
    memcpy(signature + 4, &ecx, 4);
    memcpy(signature + 8, &edx, 4);
    name = FIND_SIGN(signs, signature);
    return name ? name : "vm";
}
#else
static const char *ask_cpu(void)
{
    return NULL;
}
#endif

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t end = strcspn(text, " ");

        if (end == length && !strncmp(text, word, length))
            return true;
        text += end;
    }
    return false;
}

/* Linux shows the same bit as a flag, on x86 only. */
static const char *ask_cpuinfo(const char *root)
{
    char flags[8192];

    if (!ps_cpuinfo_value(root, "flags", flags, sizeof flags))
        return NULL;
    return has_word(flags, "hypervisor") ? "vm" : "none";
}

/* Where there is no cpuid. Nothing found proves nothing, so that "none" is never an answer. */
static const char *ask_firmware(const char *root)
{
    static const struct sign hypervisors[] = {{"xen", "xen"}, {"linux,kvm", "kvm"}};
    static const struct sign vendors[] = {
        {"QEMU", "qemu"}, {"VMware", "vmware"}, {"Xen", "xen"}, {"innotek", "virtualbox"}};
    const char *name;
    char line[256];

    if (ps_sysfile_line(root, "/sys/hypervisor/type", line, sizeof line) ||
        ps_sysfile_line(root, "/proc/device-tree/hypervisor/compatible", line, sizeof line)) {
        name = FIND_SIGN(hypervisors, line);
        return name ? name : "vm";
    }
    if (ps_sysfile_line(root, "/sys/class/dmi/id/sys_vendor", line, sizeof line))
        return FIND_SIGN(vendors, line);
    return NULL;
}

const char *ps_virtualization(const char *root)
{
    const char *name = *root ? NULL : ask_cpu();

    if (!name)
        name = ask_cpuinfo(root);
    if (!name)
        name = ask_firmware(root);
    return name ? name : "unknown";
}
